namespace Mlops.Models;

/// <summary>The files of a model directory as who opens them sees them, though directory or files may be symbolic links.</summary>
/// <remarks>
/// What lies at the top of the directory under a name that begins with two dots is no part of the model. Kubernetes mounts a volume so that it can be replaced in one step: the files are in <c>..2026_11_23</c>,
/// <c>..data</c> is a link to that, and <c>MLmodel</c> one to <c>..data/MLmodel</c>.
/// </remarks>
internal static class ModelDirectoryFiles
{
    /// <summary>Lists the files, in no order. A link that leads nowhere is none.</summary>
    public static IEnumerable<FileInfo> Enumerate(string directory)
        => new DirectoryInfo(directory).EnumerateFileSystemInfos()
            .Where(entry => !entry.Name.StartsWith("..", StringComparison.Ordinal))
            .SelectMany(entry => entry is DirectoryInfo folder ? folder.EnumerateFiles("*", SearchOption.AllDirectories) : [(FileInfo)entry])
            .Where(file => Follow(file).Exists);

    /// <summary>Finds a file, which <see cref="File.Exists"/> also says of a link that leads nowhere.</summary>
    public static FileInfo? Find(string path) => new FileInfo(path) is { Exists: true } file && Follow(file) is { Exists: true } found ? found : null;

    /// <summary>Finds the file that a link leads to, which has the length and the time of its own; a file that is no link is that file.</summary>
    public static FileInfo Follow(FileInfo file) => file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
}
