using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Artifacts;

/// <summary>Keeps artifacts as plain files in a folder, so that other programs can read them as they are.</summary>
/// <remarks>
/// <para>The file of a path is <c>&lt;root&gt;/&lt;path&gt;</c>; its digest is kept below <c>&lt;root&gt;/.mlops</c>. Files that other programs put into the folder are
/// artifacts too: their digest is computed when they are first looked at.</para>
/// <para>Several processes may share the folder. A crash leaves the old content or the new, never a part. Symbolic links below the root are not followed.
/// On file systems that do not tell upper from lower case, paths must not differ by case alone.</para>
/// </remarks>
public sealed class LocalArtifactStore : IArtifactStore
{
    private const string Backend = "local files";
    private const string Reserved = ".mlops";
    private const int BufferBytes = 81920;
    private static readonly TimeSpan s_staleAfter = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_lockPoll = TimeSpan.FromMilliseconds(5);

    private readonly string _root;
    private readonly TimeProvider _time;
    private int _swept;

    /// <summary>Creates a store over a folder, which is created with the first write.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    public LocalArtifactStore(string root, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Gets the folder, as an absolute path.</summary>
    public string Root => _root;

    /// <inheritdoc/>
    public async Task<Artifact?> FindAsync(string path, CancellationToken cancellationToken = default)
    {
        var file = Locate(path);
        return (await ReadSidecarAsync(path, file, cancellationToken).ConfigureAwait(false))?.Artifact;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } bytes) ArgumentOutOfRangeException.ThrowIfNegative(bytes, nameof(length));
        var file = Locate(path);
        while (true)
        {
            var sidecar = await ReadSidecarAsync(path, file, cancellationToken).ConfigureAwait(false)
                ?? throw new EntityNotFoundException("artifact", path, $"There is no artifact '{path}' in '{_root}'. List the folder it should be in, or write it first.");
            var content = TryOpen(path, file);
            if (content is null) continue;
            // A writer removes the note before it replaces the content, so the note being there unchanged proves that this is its content.
            if (TryReadSidecar(path)?.WriteId != sidecar.WriteId)
            {
                await content.DisposeAsync().ConfigureAwait(false);
                continue;
            }

            if (offset == 0 && (length is null || length >= sidecar.Artifact.Length))
                return new VerifyingStream(content, sidecar.Artifact, problem => Tampered(path, file, problem));
            content.Position = Math.Min(offset, content.Length);
            return new RangeStream(content, Math.Min(length ?? long.MaxValue, Math.Max(0, content.Length - offset)));
        }
    }

    /// <inheritdoc/>
    public async Task<Artifact> WriteAsync(string path, Stream content, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var file = Locate(path);
        SweepTemporaryFiles();
        var temporary = TemporaryFile();
        try
        {
            var artifact = await CopyAsync(path, content, temporary, cancellationToken).ConfigureAwait(false);
            using (await LockAsync(path, cancellationToken).ConfigureAwait(false))
            {
                await CheckAsync(path, file, condition, cancellationToken).ConfigureAwait(false);
                Guard("write artifact", path, () =>
                {
                    DeleteSidecar(path);
                    MoveIntoPlace(path, temporary, file);
                });
                WriteSidecar(new ArtifactSidecar(Ids.Create(_time), artifact));
            }

            return artifact;
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Artifact> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = ArtifactPath.CheckPrefix(prefix);
        var start = folder.Length == 0 ? _root : Locate(folder[..^1]);
        foreach (var path in FindPaths(start))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A file that was deleted while the listing went on is left out.
            if (await FindAsync(path, cancellationToken).ConfigureAwait(false) is { } artifact) yield return artifact;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string path, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        var file = Locate(path);
        if (!File.Exists(file) && condition.Digest is null) return false;
        using (await LockAsync(path, cancellationToken).ConfigureAwait(false))
        {
            await CheckAsync(path, file, condition, cancellationToken).ConfigureAwait(false);
            if (!File.Exists(file)) return false;
            Guard("delete artifact", path, () =>
            {
                DeleteSidecar(path);
                File.Delete(file);
            });
        }

        RemoveEmptyFolders(Path.GetDirectoryName(file)!);
        return true;
    }

    private string Locate(string path)
    {
        ArtifactPath.Check(path);
        var file = _root;
        foreach (var segment in path.Split('/'))
        {
            if (file == _root && segment.Equals(Reserved, StringComparison.OrdinalIgnoreCase))
                throw new ArgumentException($"'{path}' cannot be the path of an artifact: the folder '{Reserved}' is the store's own.", nameof(path));
            file = Path.Combine(file, segment);
            if (IsLink(file))
                throw new StorageException(Backend, "find artifact", $"'{file}' is a symbolic link, and links below the artifact folder are not followed; replace it with the file or folder it points to.");
        }

        return file;
    }

    private static bool IsLink(string file) => new FileInfo(file).LinkTarget is not null;

    private List<string> FindPaths(string start)
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
                    if (folder != _root || !Path.GetFileName(sub).Equals(Reserved, StringComparison.OrdinalIgnoreCase)) folders.Push(sub);
                }

                foreach (var file in Directory.EnumerateFiles(folder, "*", options))
                {
                    var path = Path.GetRelativePath(_root, file);
                    if (Path.DirectorySeparatorChar != '/') path = path.Replace(Path.DirectorySeparatorChar, '/');
                    if (ArtifactPath.IsAllowed(path)) paths.Add(path);
                }
            });
        }

        paths.Sort(StringComparer.Ordinal);
        return paths;
    }

    private async Task<Artifact> CopyAsync(string path, Stream content, string temporary, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var length = 0L;
        var target = Guard("write artifact", path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(temporary)!);
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        });
        await using (target.ConfigureAwait(false))
        {
            // Only the writing is guarded: what reading the caller's stream throws is the caller's.
            while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                hash.AppendData(buffer, 0, count);
                length += count;
                try
                {
                    await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    throw Failed("write artifact", path, error);
                }
            }

            Guard("write artifact", path, () => target.Flush(flushToDisk: true));
        }

        return new Artifact(path, Convert.ToHexStringLower(hash.GetHashAndReset()), length);
    }

    private void MoveIntoPlace(string path, string temporary, string file)
    {
        for (var attempt = 1; ; attempt++)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            if (Directory.Exists(file)) throw new IOException($"There is a folder at '{path}'.");
            try
            {
                File.Move(temporary, file, overwrite: true);
                return;
            }
            catch (DirectoryNotFoundException) when (attempt < 10)
            {
                // A delete elsewhere removed the folder because it had become empty.
            }
        }
    }

    private async Task CheckAsync(string path, string file, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition.MustBeAbsent && File.Exists(file))
            throw new EntityConflictException("artifact", path, $"There is an artifact '{path}' already; write to another path, or replace it with WriteCondition.IfMatches.");
        if (condition.Digest is null) return;
        var present = TryReadSidecar(path) is { } sidecar && File.Exists(file)
            ? sidecar.Artifact.Digest
            : (await ComputeAsync(path, file, cancellationToken).ConfigureAwait(false))?.Digest;
        if (present != condition.Digest)
        {
            throw new EntityConflictException(
                "artifact", path, $"The artifact '{path}' {(present is null ? "does not exist" : "has changed since it was read")}; read it again and decide anew.");
        }
    }

    private async Task<ArtifactSidecar?> ReadSidecarAsync(string path, string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file)) return null;
        if (TryReadSidecar(path) is { } known) return known;
        using (await LockAsync(path, cancellationToken).ConfigureAwait(false))
        {
            if (!File.Exists(file)) return null;
            if (TryReadSidecar(path) is { } written) return written;
            if (await ComputeAsync(path, file, cancellationToken).ConfigureAwait(false) is not { } artifact) return null;
            var computed = new ArtifactSidecar(Ids.Create(_time), artifact);
            WriteSidecar(computed);
            return computed;
        }
    }

    private async Task<Artifact?> ComputeAsync(string path, string file, CancellationToken cancellationToken)
    {
        var content = TryOpen(path, file);
        if (content is null) return null;
        await using (content.ConfigureAwait(false))
        {
            var digest = await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false);
            return new Artifact(path, Convert.ToHexStringLower(digest), content.Position);
        }
    }

    private ArtifactSidecar? TryReadSidecar(string path)
    {
        try
        {
            using var stream = new FileStream(SidecarFile(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return ArtifactSidecar.TryParse(reader.ReadToEnd(), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed("find artifact", path, error);
        }
    }

    private void DeleteSidecar(string path)
    {
        var file = SidecarFile(path);
        if (File.Exists(file)) File.Delete(file);
    }

    private void WriteSidecar(ArtifactSidecar sidecar) => Guard("write artifact", sidecar.Artifact.Path, () =>
    {
        var (temporary, target) = (TemporaryFile(), SidecarFile(sidecar.Artifact.Path));
        Directory.CreateDirectory(Path.GetDirectoryName(temporary)!);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            stream.Write(Encoding.UTF8.GetBytes(sidecar.ToString()));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, target, overwrite: true);
    });

    private FileStream? TryOpen(string path, string file)
    {
        try
        {
            // The sharing that lets a writer put other content in its place meanwhile.
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failed("read artifact", path, error);
        }
    }

    // A lock file that is open without sharing; the operating system gives it back when a process dies.
    private async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        var file = Path.Combine(_root, Reserved, "locks", Name(path)[..2]);
        Guard("lock artifact", path, () => Directory.CreateDirectory(Path.GetDirectoryName(file)!));
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (Exception error) when (error is UnauthorizedAccessException or DirectoryNotFoundException or PathTooLongException)
            {
                throw Failed("lock artifact", path, error);
            }
            catch (IOException)
            {
                await Task.Delay(s_lockPoll, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void SweepTemporaryFiles()
    {
        if (Interlocked.Exchange(ref _swept, 1) != 0) return;
        var folder = Path.Combine(_root, Reserved, "tmp");
        if (!Directory.Exists(folder)) return;
        var limit = _time.GetUtcNow() - s_staleAfter;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            if (file.LastWriteTimeUtc < limit.UtcDateTime) TryDelete(file.FullName);
        }
    }

    private void RemoveEmptyFolders(string folder)
    {
        try
        {
            for (; folder.Length > _root.Length && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder)!)
                Directory.Delete(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A folder that is in use again, or is left empty, harms nobody.
        }
    }

    private static void TryDelete(string file)
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

    private string TemporaryFile() => Path.Combine(_root, Reserved, "tmp", Ids.Create(_time));

    private string SidecarFile(string path)
    {
        var name = Name(path);
        return Path.Combine(_root, Reserved, "digests", name[..2], name);
    }

    private static string Name(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)));

    private static StorageException Tampered(string path, string file, string problem) => new(
        Backend, "read artifact", $"The content of artifact '{path}' at '{file}' is not what was written: {problem}. Do not use it; restore the file from a copy, or write it again.");

    private StorageException Failed(string operation, string path, Exception error) => new(
        Backend, operation, $"Could not {operation} '{path}' in '{_root}': {error.Message} Check that the folder exists, may be written and has space.", error);

    private void Guard(string operation, string path, Action action) => Guard(operation, path, () =>
    {
        action();
        return true;
    });

    private T Guard<T>(string operation, string path, Func<T> action)
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
