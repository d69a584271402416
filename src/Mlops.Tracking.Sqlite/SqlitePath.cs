using Microsoft.Data.Sqlite;

namespace Mlops.Tracking.Sqlite;

/// <summary>Tells paths from what else names a database elsewhere. Taken as paths, connection strings and addresses would make files of their names.</summary>
internal static class SqlitePath
{
    private const string Memory = ":memory:";
    private const string Address = "file:";

    // The names that System.Data.SQLite has besides.
    private static readonly HashSet<string> s_others = new(StringComparer.OrdinalIgnoreCase)
    {
        "Uri", "FullUri", "Version", "New", "UseUTF16Encoding", "BinaryGUID", "Synchronous", "Page Size", "Max Page Count", "Cache Size", "Journal Mode", "Legacy Format", "Read Only", "DateTimeFormat",
        "DateTimeKind", "DateTimeFormatString", "DefaultIsolationLevel", "DefaultDbType", "DefaultTypeName", "BaseSchemaName", "FailIfMissing", "Enlist", "Flags", "HexPassword", "TextPassword", "BusyTimeout",
        "WaitTimeout", "PrepareRetries", "ProgressOps", "NoDefaultFlags", "NoSharedFlags", "RecursiveTriggers", "SetDefaults", "ToFullPath", "VfsName", "ZipVfsVersion", "Max Pool Size",
    };

    /// <exception cref="ArgumentException">It is no path. The message repeats nothing of it, because connection strings hold passwords.</exception>
    public static void Check(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (string.IsNullOrWhiteSpace(path)) throw new ArgumentException("The path of a file is needed; this one is empty, or has only spaces.", nameof(path));
        var (names, source) = Read(path);
        var database = source ?? path.Trim();
        if (IsMemory(database) || (names.Count > 0 && path.Replace(" ", "", StringComparison.Ordinal).Contains("Mode=Memory", StringComparison.OrdinalIgnoreCase)))
            throw new ArgumentException("The path of a file is needed; for a store in memory use InMemoryTracking, or UseInMemory in a host.", nameof(path));
        if (names.Count > 0)
        {
            var name = names[0];
            throw new ArgumentException(
                $"The path of a file is needed, not a connection string with '{name}='. {(source is null ? "Give the path alone" : $"Give what stands behind '{name}=', alone")}: the file is opened for reading and writing, and how is set by {nameof(SqliteTrackingOptions)}. Where a file or a folder has such a name, write './' before it.", nameof(path));
        }

        if (database.StartsWith(Address, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"The path of a file is needed, not an address. Give what stands behind '{Address}', without '?' and what follows it.", nameof(path));
    }

    // Other names may be those of files and folders: "kind=a/x.db".
    private static (List<string> Names, string? Source) Read(string path)
    {
        var known = new SqliteConnectionStringBuilder();
        var (names, source) = (new List<string>(), (string?)null);
        foreach (var part in path.Split(';'))
        {
            var sign = part.IndexOf('=', StringComparison.Ordinal);
            var name = sign < 0 ? "" : part[..sign].Trim().Trim('"', '\'');
            if (name.Length == 0 || !(known.ContainsKey(name) || s_others.Contains(name))) continue;
            var isSource = name.ToUpperInvariant() is "DATA SOURCE" or "DATASOURCE" or "FILENAME" or "URI" or "FULLURI";
            names.Add(name);
            if (isSource) source = part[(sign + 1)..].Trim().Trim('"', '\'');
        }

        return (names, source);
    }

    private static bool IsMemory(string database)
        => database.Equals(Memory, StringComparison.OrdinalIgnoreCase) || (database.StartsWith(Address, StringComparison.OrdinalIgnoreCase)
            && (database.Contains(Memory, StringComparison.OrdinalIgnoreCase) || database.Contains("mode=memory", StringComparison.OrdinalIgnoreCase)));
}
