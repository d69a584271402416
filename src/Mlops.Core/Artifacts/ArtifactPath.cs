using System.Buffers;
using System.Text;

namespace Mlops.Artifacts;

/// <summary>The rules for paths in artifact stores, the same for every store, so that content can move between them.</summary>
public static class ArtifactPath
{
    /// <summary>The longest path, in UTF-16 characters: what Azure Blob Storage takes.</summary>
    public const int MaxLength = 1024;

    // The longest name of a file on the usual file systems, in bytes of UTF-8.
    private const int MaxSegmentBytes = 255;

    /// <summary>Checks the path of a file.</summary>
    /// <param name="path">
    /// The path: relative, with <c>/</c>, without empty, <c>.</c> and <c>..</c> segments, backslashes, colons, control characters, device names and halves of surrogate pairs;
    /// at most <see cref="MaxLength"/> characters, and 255 bytes of UTF-8 between two <c>/</c>.
    /// </param>
    /// <returns>The path.</returns>
    /// <exception cref="ArgumentException">The path is not allowed.</exception>
    public static string Check(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Length > MaxLength) throw new ArgumentException($"The path of an artifact has at most {MaxLength} characters; '{path[..40]}…' has {path.Length}.", nameof(path));
        foreach (var range in path.AsSpan().Split('/'))
        {
            if (Problem(path.AsSpan()[range]) is { } problem)
                throw new ArgumentException($"'{path}' cannot be the path of an artifact: {problem}.", nameof(path));
        }

        return path;
    }

    /// <summary>Checks the prefix of a listing.</summary>
    /// <param name="prefix">A folder, with or without a trailing <c>/</c>; empty for everything.</param>
    /// <returns>The prefix that the paths begin with: empty, or a folder with a trailing <c>/</c>.</returns>
    /// <exception cref="ArgumentException">The prefix is not allowed.</exception>
    public static string CheckPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length == 0) return "";
        var folder = prefix[^1] == '/' ? prefix[..^1] : prefix;
        return Check(folder) + "/";
    }

    /// <summary>Tells whether a path is allowed.</summary>
    /// <param name="path">The path.</param>
    /// <returns>Whether <see cref="Check"/> accepts it.</returns>
    public static bool IsAllowed(string path)
    {
        if (string.IsNullOrEmpty(path) || path.Length > MaxLength) return false;
        foreach (var range in path.AsSpan().Split('/'))
        {
            if (Problem(path.AsSpan()[range]) is not null) return false;
        }

        return true;
    }

    /// <summary>Says that a path cannot be written because there are artifacts below it.</summary>
    internal static EntityConflictException IsFolder(string path)
        => new("artifact", path, $"The artifact '{path}' cannot be written: it is a folder, with what is below '{path}/', and a path is a file or a folder. Write to another path, or delete that first.");

    /// <summary>Says that a path cannot be written because something above it is an artifact.</summary>
    internal static EntityConflictException IsNoFolder(string path, string file)
        => new("artifact", path, $"The artifact '{path}' cannot be written: '{file}' is an artifact, and a path is a file or a folder. Write to another path, or delete that one first.");

    private static string? Problem(ReadOnlySpan<char> segment)
    {
        if (segment.IsEmpty) return "a segment between two '/' is empty, or the path begins or ends with '/'";
        if (segment is "." or "..") return "'.' and '..' are not allowed";
        if (segment.ContainsAny('\\', ':')) return "backslashes and colons are not allowed; separate folders with '/'";
        if (segment[^1] is '.' or ' ') return "a segment ends with a dot or a space";
        foreach (var c in segment)
        {
            if (char.IsControl(c)) return "control characters are not allowed";
        }

        for (var rest = segment; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var used) != OperationStatus.Done) return "half a surrogate pair is no character (invalid UTF-16)";
            rest = rest[used..];
        }

        if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes) return "a segment has more than 255 bytes of UTF-8";
        return IsDeviceName(segment) ? "a segment is the name of a Windows device" : null;
    }

    private static bool IsDeviceName(ReadOnlySpan<char> segment)
    {
        var dot = segment.IndexOf('.');
        var stem = (dot < 0 ? segment : segment[..dot]).TrimEnd(' ');
        if (stem.Equals("conin$", StringComparison.OrdinalIgnoreCase) || stem.Equals("conout$", StringComparison.OrdinalIgnoreCase)) return true;
        if (stem.Length == 3)
        {
            return stem.Equals("con", StringComparison.OrdinalIgnoreCase) || stem.Equals("prn", StringComparison.OrdinalIgnoreCase)
                || stem.Equals("aux", StringComparison.OrdinalIgnoreCase) || stem.Equals("nul", StringComparison.OrdinalIgnoreCase);
        }

        // Windows counts the superscript digits too.
        return stem.Length == 4 && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³')
            && (stem[..3].Equals("com", StringComparison.OrdinalIgnoreCase) || stem[..3].Equals("lpt", StringComparison.OrdinalIgnoreCase));
    }
}
