using System.Globalization;
using Npgsql;

namespace Mlops.Tracking.PostgreSql;

/// <summary>Reads connection strings without telling what is in them.</summary>
internal static class PostgreSqlConnectionString
{
    private const string AutoPrepare = "Max Auto Prepare";
    private const int PreparedStatements = 64;
    private const int CheckSeconds = 10;
    private const int AnswerSeconds = 5;

    /// <exception cref="ArgumentException">It is malformed, or names no host.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
            if (!new System.Data.Common.DbConnectionStringBuilder { ConnectionString = connectionString }.ContainsKey(AutoPrepare)) settings.MaxAutoPrepare = PreparedStatements;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or InvalidCastException or KeyNotFoundException)
        {
            // The cause is left out: its message may hold parts of the connection string, the password among them.
            throw new ArgumentException(
                $"The connection string of PostgreSQL is malformed{FindProblem(connectionString)}. Write it as Npgsql has it: Host=…;Port=5432;Database=…;Username=…;Password=…; addresses like postgres://… are not read.", nameof(connectionString));
        }

        if (string.IsNullOrEmpty(settings.Host)) throw new ArgumentException("The connection string of PostgreSQL names no host. Add Host=….", nameof(connectionString));
        // What the server says of rows would get into messages, values included.
        settings.IncludeErrorDetail = false;
        Check(settings, nameof(connectionString));
        return settings;
    }

    // Settings that do not go together; Npgsql tells of them, by their names, where a source is made of them.
    private static void Check(NpgsqlConnectionStringBuilder settings, string parameter)
    {
        if (!settings.Host!.Contains(',', StringComparison.Ordinal) && settings.TargetSessionAttributes is { } attributes && !attributes.Equals("any", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'Target Session Attributes={attributes}' in the connection string of PostgreSQL chooses among several hosts, and one is named. Name all of them, Host=one,two,…, or leave it out.", parameter);
        try
        {
            NpgsqlDataSource.Create(settings).Dispose();
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException or InvalidOperationException)
        {
            throw new ArgumentException($"The connection string of PostgreSQL has settings that do not go together: {error.Message}", parameter, error);
        }
    }

    // Names are no secrets, values may be. A connection string that is not made of names and values at all has no name.
    private static string FindProblem(string connectionString)
    {
        try
        {
            var given = new System.Data.Common.DbConnectionStringBuilder { ConnectionString = connectionString };
            foreach (string name in given.Keys)
            {
                if (!IsName(name)) continue;
                if (!new NpgsqlConnectionStringBuilder().ContainsKey(name)) return $": Npgsql knows no '{name}'";
                try
                {
                    _ = new NpgsqlConnectionStringBuilder { [name] = given[name] };
                }
                catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or InvalidCastException or KeyNotFoundException)
                {
                    return $": the value of '{name}' is none that it can have";
                }
            }
        }
        catch (ArgumentException)
        {
            // Said in general.
        }

        return "";
    }

    // What is not separated properly may have a password for a name.
    private static bool IsName(string name) => name.Length <= 40 && name.All(c => char.IsAsciiLetter(c) || c is ' ' or '_');

    /// <summary>Says where the database is, without user and password.</summary>
    public static string Describe(NpgsqlConnectionStringBuilder settings)
        => $"The database '{settings.Database ?? settings.Username ?? "postgres"}' at {string.Join(", ", settings.Host!.Split(',', StringSplitOptions.TrimEntries).Select(host => HasPort(host) ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{settings.Port}")))}";

    // As Npgsql reads hosts: the colons of an address of IPv6 in no brackets begin no port.
    private static bool HasPort(string host)
    {
        var colon = host.LastIndexOf(':');
        var isPlain = host.IndexOf(':', StringComparison.Ordinal) == colon;
        return colon > host.LastIndexOf(']') && (isPlain || host.Contains(']', StringComparison.Ordinal));
    }

    /// <summary>Makes what listens for changes: outside of the pool, and tried from time to time, so that a connection that died is noticed.</summary>
    public static PostgreSqlChanges Listen(NpgsqlConnectionStringBuilder settings)
    {
        var listening = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, MaxAutoPrepare = 0, KeepAlive = 0 };
        listening.CommandTimeout = listening.CommandTimeout is > 0 and < AnswerSeconds ? listening.CommandTimeout : AnswerSeconds;
        return new PostgreSqlChanges(listening, TimeSpan.FromSeconds(settings.KeepAlive > 0 ? settings.KeepAlive : CheckSeconds));
    }
}
