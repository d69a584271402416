using System.Security.Cryptography;
using System.Text;

namespace Mlops.Artifacts;

/// <summary>Where a local store keeps what, and how its failures are told.</summary>
internal sealed class LocalArtifactFolder(string root, TimeProvider time)
{
    public const string Backend = "local files";

    private const string Reserved = ".mlops";
    private static readonly TimeSpan s_staleAfter = TimeSpan.FromDays(1);

    private int _swept;

    public string Root => root;

    /// <summary>Waits for the lock that the writers of a path share; other processes wait for it too.</summary>
    public async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Root, Reserved, "locks", Name(path)[..2]);
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
            if (IsLink(file))
                throw new StorageException(Backend, "find artifact", $"'{file}' is a symbolic link, and links below the artifact folder are not followed; replace it with the file or folder it points to.");
        }

        return file;
    }

    private static bool IsLink(string file) => new FileInfo(file).LinkTarget is not null;

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
