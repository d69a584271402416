using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A text that changes when a model directory does: its manifest, and the names, lengths and times of its files.</summary>
internal static class DirectoryStamp
{
    public static string Of(string path)
    {
        try
        {
            var text = new StringBuilder();
            foreach (var file in ModelDirectoryFiles.Enumerate(path).OrderBy(file => file.FullName, StringComparer.Ordinal))
            {
                var content = ModelDirectoryFiles.Follow(file);
                text.Append(CultureInfo.InvariantCulture, $"{Path.GetRelativePath(path, file.FullName)}|{content.Length}|{content.LastWriteTimeUtc.Ticks}\n");

                // Copies may keep times and lengths; no two models have one manifest.
                if (file.Name == ModelFiles.Manifest) text.AppendLine(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.FullName))));
            }

            return text.ToString();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ""; // Gone, or not readable now.
        }
    }

    /// <summary>Gets when a directory was changed last, as far as its files and directories tell; the end of time where they do not.</summary>
    public static DateTime LastWriteOf(string path)
    {
        try
        {
            var directory = new DirectoryInfo(path);
            return directory.EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
                .Concat(ModelDirectoryFiles.Enumerate(path).Select(ModelDirectoryFiles.Follow))
                .Append(directory)
                .Max(entry => entry.LastWriteTimeUtc);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return DateTime.MaxValue;
        }
    }
}
