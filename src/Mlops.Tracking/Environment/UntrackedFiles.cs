using System.Globalization;
using System.Text;

namespace Mlops.Tracking;

/// <summary>Writes files that git does not know as a part of a patch: small texts as new files, of everything else the name.</summary>
internal static class UntrackedFiles
{
    private const int LongestFile = 1 << 16;
    private const int MostFiles = 1000;
    private const int MostContents = 200;

    // Files that are made to hold secrets: no mask knows the form of all of them.
    private static readonly string[] s_secretEndings = [".pem", ".key", ".pfx", ".p12", ".jks", ".keystore", ".kdbx", ".netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd"];
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes them.</summary>
    /// <param name="root">The folder of the working copy.</param>
    /// <param name="paths">The files within it, with <c>/</c>.</param>
    /// <param name="room">How many characters it may have.</param>
    public static string ToPatch(string root, IReadOnlyList<string> paths, int room)
    {
        var (patch, contents) = (new StringBuilder(), 0);
        foreach (var (index, path) in paths.Index())
        {
            // A name may hold what ends a line.
            var name = path.ReplaceLineEndings(" ");
            var part = contents < MostContents && name == path && ReadText(Path.Combine(root, path), path) is { } text ? ToPart(path, text) : null;
            if (part is not null && patch.Length + part.Length <= room - 1000) contents++;
            else part = $"Untracked, without its content: {name}\n";
            if (index == MostFiles || patch.Length + part.Length > room - 100)
            {
                patch.Append(CultureInfo.InvariantCulture, $"{paths.Count - index} more untracked files.\n");
                break;
            }

            patch.Append(part);
        }

        return patch.ToString();
    }

    private static string ToPart(string path, string text)
    {
        var part = new StringBuilder($"diff --git a/{path} b/{path}\nnew file mode 100644\n");
        if (text.Length == 0) return part.ToString();
        var isEnded = text[^1] == '\n';
        var lines = (isEnded ? text[..^1] : text).Split('\n');
        part.Append(CultureInfo.InvariantCulture, $"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{lines.Length} @@\n");
        foreach (var line in lines) part.Append('+').Append(line).Append('\n');
        return part.Append(isEnded ? "" : "\\ No newline at end of file\n").ToString();
    }

    private static string? ReadText(string file, string path)
    {
        try
        {
            var info = new FileInfo(file);
            if (info.LinkTarget is not null || info.Attributes.HasFlag(FileAttributes.Directory) || info.Length > LongestFile || IsSecret(path)) return null;
            var bytes = File.ReadAllBytes(file);
            return bytes.Length > LongestFile || bytes.AsSpan().Contains((byte)0) ? null : s_strict.GetString(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsSecret(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.StartsWith(".env", StringComparison.OrdinalIgnoreCase) || name.StartsWith("id_", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("appsettings", StringComparison.OrdinalIgnoreCase)
            || s_secretEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) || SecretMask.Default.IsSecret(name);
    }
}
