using Microsoft.Extensions.FileSystemGlobbing;

namespace Mlops.Data;

/// <summary>Finds the files of a pattern.</summary>
internal static class FileGlob
{
    /// <summary>Finds the files.</summary>
    /// <param name="pattern">A path in which <c>*</c> stands for any characters of a name, and <c>**</c> for any folders.</param>
    /// <returns>Their paths, in ordinal order.</returns>
    /// <exception cref="EntityNotFoundException">There is none.</exception>
    public static IReadOnlyList<string> Find(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        var normalized = pattern.Replace('\\', '/');
        var wildcard = normalized.IndexOf('*', StringComparison.Ordinal);
        var cut = normalized.LastIndexOf('/', wildcard < 0 ? normalized.Length - 1 : wildcard);
        var (root, rest) = cut < 0 ? (".", normalized) : (normalized[..Math.Max(cut, 1)], normalized[(cut + 1)..]);
        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(rest);
        List<string> files = Directory.Exists(root) ? [.. matcher.GetResultsInFullPath(root).Select(file => cut < 0 ? Path.GetRelativePath(".", file) : file)] : [];
        if (files.Count == 0) throw new EntityNotFoundException("file", pattern, $"No file fits {pattern}. Check the path; it is taken relative to the working directory, and ** stands for any folders.");
        files.Sort(StringComparer.Ordinal);
        return files;
    }
}
