using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Mlops.Artifacts;

/// <summary>Where a local store keeps what, and how its failures are told.</summary>
internal sealed class LocalArtifactFolder(string root, TimeProvider time)
{
    public const string Backend = "local files";

    private const string Reserved = ".mlops";

    // What Linux appends to the path of an open file that was replaced or deleted meanwhile.
    private const string Deleted = " (deleted)";

    private static readonly string[] s_reserved = [Reserved, Path.Combine(Reserved, "tmp"), Path.Combine(Reserved, "locks"), Path.Combine(Reserved, "digests")];
    private static readonly TimeSpan s_staleAfter = TimeSpan.FromDays(1);

    private int _swept;

    public string Root => root;

    /// <summary>Waits for the lock that the writers of a path share; other processes wait for it too.</summary>
    public async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Root, Reserved, "locks", Name(path)[..2]);
        CheckReserved();
        Guard("lock artifact", path, () => Directory.CreateDirectory(Path.GetDirectoryName(file)!));
        try
        {
            return await FileLock.AcquireAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed("lock artifact", path, error);
        }
    }

    /// <summary>Finds the file of a path.</summary>
    /// <exception cref="ArgumentException">The path is not one of an artifact.</exception>
    /// <exception cref="StorageException">A symbolic link lies on the way.</exception>
    public string Locate(string path)
    {
        ArtifactPath.Check(path);
        var file = Root;
        foreach (var segment in path.Split('/'))
        {
            if (file == Root && segment.Equals(Reserved, StringComparison.OrdinalIgnoreCase))
                throw new ArgumentException($"'{path}' cannot be the path of an artifact: the folder '{Reserved}' is the store's own.", nameof(path));
            file = Path.Combine(file, segment);
            RefuseLink(file);
        }

        return file;
    }

    /// <summary>Checks that a path is not a folder, and that what is above it is none but folders.</summary>
    /// <exception cref="EntityConflictException">It is otherwise.</exception>
    public void CheckFolders(string path)
    {
        var file = Path.Combine(Root, path);
        // What a delete elsewhere left empty is in nobody's way.
        if (Directory.Exists(file)) RemoveEmptyFolders(file);
        if (Directory.Exists(file)) throw ArtifactPath.IsFolder(path);
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            // Links are refused as what they are; one that is made just now is a file to File.Exists.
            if (new FileInfo(Path.Combine(Root, path[..slash])) is { Exists: true } above && !above.Attributes.HasFlag(FileAttributes.ReparsePoint)) throw ArtifactPath.IsNoFolder(path, path[..slash]);
        }
    }

    /// <summary>Checks that a file that was opened is the one of its path: a link may have been made between the look at the path and the opening.</summary>
    /// <exception cref="StorageException">It is another one.</exception>
    public void CheckOpened(SafeFileHandle handle, string path, string file)
    {
        using var root = PinnedFolder.Open(Root);
        if (PinnedFolder.ActualPathOf(handle) is not { } actual || root.ActualPath is not { } actualRoot)
        {
            Locate(path);
            return;
        }

        var expected = Path.Join(actualRoot, file.AsSpan(Root.Length));
        if (actual != expected && actual != expected + Deleted) throw Linked(file);
    }

    /// <summary>Takes hold of the folder of a file, which is created when it does not exist.</summary>
    /// <exception cref="StorageException">A symbolic link lies on the way.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder was deleted meanwhile.</exception>
    public PinnedFolder PinFolderOf(string path, string file)
    {
        Locate(path);
        var folder = Path.GetDirectoryName(file)!;
        DurableFolder.Create(folder);
        var pinned = PinnedFolder.Open(folder);
        try
        {
            using var root = PinnedFolder.Open(Root);
            if (pinned.ActualPath is not { } actual || root.ActualPath is not { } actualRoot) Locate(path);
            else if (actual == Path.Join(actualRoot, folder.AsSpan(Root.Length)) + Deleted) throw new DirectoryNotFoundException($"The folder '{folder}' was deleted.");
            else if (actual != Path.Join(actualRoot, folder.AsSpan(Root.Length))) throw Linked(folder);
            return pinned;
        }
        catch
        {
            pinned.Dispose();
            throw;
        }
    }

    // The store's own folders lead out of it no more than those of the artifacts do.
    private void CheckReserved()
    {
        foreach (var folder in s_reserved) RefuseLink(Path.Combine(Root, folder));
    }

    private static void RefuseLink(string file)
    {
        if (new FileInfo(file).LinkTarget is not null) throw Linked(file);
    }

    private static StorageException Linked(string file) => new(
        Backend, "find artifact", $"'{file}' is a symbolic link, or lies behind one, and links below the artifact folder are not followed; replace it with the file or folder it points to.");

    /// <summary>Lists the paths of all files below a folder, in ordinal order.</summary>
    public List<string> FindPaths(string start)
    {
        if (!Directory.Exists(start)) return [];
        var options = new EnumerationOptions { RecurseSubdirectories = false, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        var (paths, folders) = (new List<string>(), new Stack<string>([start]));
        while (folders.TryPop(out var folder))
        {
            Guard("list artifacts", folder, () =>
            {
                foreach (var sub in Directory.EnumerateDirectories(folder, "*", options))
                {
                    if (folder != Root || !Path.GetFileName(sub).Equals(Reserved, StringComparison.OrdinalIgnoreCase)) folders.Push(sub);
                }

                foreach (var file in Directory.EnumerateFiles(folder, "*", options))
                {
                    var path = Path.GetRelativePath(Root, file);
                    if (Path.DirectorySeparatorChar != '/') path = path.Replace(Path.DirectorySeparatorChar, '/');
                    if (ArtifactPath.IsAllowed(path)) paths.Add(path);
                }
            });
        }

        paths.Sort(StringComparer.Ordinal);
        return paths;
    }

    /// <summary>Deletes, once in the life of a store, the temporary files that processes left which died.</summary>
    public void Sweep()
    {
        CheckReserved();
        if (Interlocked.Exchange(ref _swept, 1) != 0) return;
        var folder = Path.Combine(Root, Reserved, "tmp");
        if (!Directory.Exists(folder)) return;
        var limit = time.GetUtcNow() - s_staleAfter;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            if (file.LastWriteTimeUtc < limit.UtcDateTime) TryDelete(file.FullName);
        }
    }

    public void RemoveEmptyFolders(string folder)
    {
        try
        {
            for (; folder.Length > Root.Length && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
                Directory.Delete(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A folder that is in use again, or is left empty, harms nobody.
        }
    }

    public static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Swept up another day.
        }
    }

    public string NewTemporaryFile() => Path.Combine(Root, Reserved, "tmp", Ids.Create(time));

    public string SidecarFile(string path)
    {
        var name = Name(path);
        return Path.Combine(Root, Reserved, "digests", name[..2], name);
    }

    private static string Name(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)));

    /// <summary>Says what could not be done, and what to look at.</summary>
    public StorageException Failed(string operation, string path, Exception error) => new(
        Backend, operation, $"Could not {operation} '{path}' in '{Root}': {error.Message} Check that the folder exists, may be written and has space.", error);

    /// <summary>Does something to a file; its failures become <see cref="StorageException"/>.</summary>
    public void Guard(string operation, string path, Action action) => Guard(operation, path, () =>
    {
        action();
        return true;
    });

    /// <inheritdoc cref="Guard(string, string, Action)"/>
    public T Guard<T>(string operation, string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed(operation, path, error);
        }
    }
}
