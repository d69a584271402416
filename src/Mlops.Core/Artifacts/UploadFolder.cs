namespace Mlops.Artifacts;

/// <summary>A folder on disk whose files are read, and nothing that lies outside of it.</summary>
internal sealed class UploadFolder : IDisposable
{
    private readonly string _root;
    private readonly PinnedFolder _pinned;

    /// <summary>Takes hold of a folder, which may be reached through links.</summary>
    public UploadFolder(string root) => (_root, _pinned) = (Path.TrimEndingDirectorySeparator(root), PinnedFolder.Open(root));

    /// <summary>Finds the files of the folder and its subfolders, links to files within it among them.</summary>
    /// <returns>Their paths below the folder, with <c>/</c>, in ordinal order.</returns>
    /// <exception cref="StorageException">There is a link that is not followed, something that is no file, or a folder that cannot be read.</exception>
    public IReadOnlyList<string> FindFiles()
    {
        var files = new List<string>();
        // Folders that are links are not entered, so this comes to an end.
        var folders = new Stack<DirectoryInfo>([new DirectoryInfo(_root)]);
        while (folders.TryPop(out var folder))
        {
            try
            {
                foreach (var entry in folder.EnumerateFileSystemInfos())
                {
                    if (entry.LinkTarget is not null) CheckLink(entry);
                    if (entry is DirectoryInfo subfolder) folders.Push(subfolder);
                    else files.Add(CheckKind(Relative(entry.FullName)));
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new StorageException(LocalArtifactFolder.Backend, "upload folder", $"'{folder.FullName}' cannot be read: {error.Message} Check its permissions.", error);
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>Opens a file that was found.</summary>
    /// <exception cref="StorageException">It was replaced by a link out of the folder or by what is no file meanwhile, or cannot be read.</exception>
    public FileStream Open(string relative)
    {
        CheckKind(relative);
        FileStream content;
        try
        {
            content = new FileStream(
                Path.Combine(_root, relative), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(LocalArtifactFolder.Backend, "upload folder", $"'{relative}' in '{_root}' cannot be read: {error.Message} Check that it is there and may be read.", error);
        }

        // Where the operating system tells what was really opened, links of the folders on the way count as well.
        if (PinnedFolder.ActualPathOf(content.SafeFileHandle) is not { } actual || _pinned.ActualPath is not { } root || IsWithin(actual, root)) return content;
        content.Dispose();
        throw Refused(relative, "leads out of the folder");
    }

    public void Dispose() => _pinned.Dispose();

    private static bool IsWithin(string path, string root) => path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private string CheckKind(string relative) => SpecialFile.KindOf(Path.Combine(_root, relative)) is not { } kind ? relative : throw new StorageException(
        LocalArtifactFolder.Backend, "upload folder", $"'{relative}' in '{_root}' is {kind}, not a file, so it is not read; remove it, or move it out of the folder.");

    private void CheckLink(FileSystemInfo link)
    {
        FileSystemInfo? target;
        try
        {
            target = link.ResolveLinkTarget(returnFinalTarget: true);
        }
        catch (IOException)
        {
            throw Refused(Relative(link.FullName), "leads back to itself");
        }

        if (target is not { Exists: true }) throw Refused(Relative(link.FullName), "leads nowhere");
        if (target is DirectoryInfo || Directory.Exists(target.FullName)) throw Refused(Relative(link.FullName), "leads to a folder");
        if (Relative(ActualPathOf(target.FullName)) is var relative && (relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative)))
            throw Refused(Relative(link.FullName), "leads out of the folder");
    }

    // On Linux the path without links in its folders, below the folder as it was named.
    private string ActualPathOf(string file)
    {
        using var folder = PinnedFolder.Open(Path.GetDirectoryName(file)!);
        if (folder.ActualPath is not { } actual || _pinned.ActualPath is not { } root) return file;
        return Path.Join(_root, Path.GetRelativePath(root, Path.Join(actual, Path.GetFileName(file))));
    }

    private string Relative(string file) => Path.GetRelativePath(_root, Path.GetFullPath(file)).Replace(Path.DirectorySeparatorChar, '/');

    private StorageException Refused(string relative, string why) => new(
        LocalArtifactFolder.Backend, "upload folder", $"'{relative}' in '{_root}' is a symbolic link that {why}, so it is not followed; replace it with the file or folder it stands for, or remove it.");
}
