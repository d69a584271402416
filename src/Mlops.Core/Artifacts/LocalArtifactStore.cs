using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Artifacts;

/// <summary>Keeps artifacts as plain files in a folder, so that other programs can read them as they are.</summary>
/// <remarks>
/// <para>The file of a path is <c>&lt;root&gt;/&lt;path&gt;</c>; its digest is kept below <c>&lt;root&gt;/.mlops</c>. Files that other programs put into the folder are
/// artifacts too: their digest is computed when they are first looked at.</para>
/// <para>Several processes may share the folder. A crash leaves the old content or the new, never a part. Symbolic links below the root are not followed, not even
/// those that are made while an operation goes on (on Linux; elsewhere a short moment remains). The content is on the disk when a write returns, and so is its
/// name, except on Windows, which leaves names to the journal of its file system.
/// On file systems that do not tell upper from lower case, paths must not differ by case alone.</para>
/// </remarks>
public sealed class LocalArtifactStore : IArtifactStore
{
    private const int BufferBytes = 128 << 10;

    private readonly LocalArtifactFolder _folder;
    private readonly TimeProvider _time;

    /// <summary>Creates a store over a folder, which is created with the first write.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    public LocalArtifactStore(string root, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _time = timeProvider ?? TimeProvider.System;
        _folder = new LocalArtifactFolder(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)), _time);
    }

    /// <summary>Gets the folder, as an absolute path.</summary>
    public string Root => _folder.Root;

    /// <inheritdoc/>
    public async Task<Artifact?> FindAsync(string path, CancellationToken cancellationToken = default)
    {
        var file = _folder.Locate(path);
        return (await ReadSidecarAsync(path, file, cancellationToken).ConfigureAwait(false))?.Artifact;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } bytes) ArgumentOutOfRangeException.ThrowIfNegative(bytes, nameof(length));
        var file = _folder.Locate(path);
        while (true)
        {
            var sidecar = await ReadSidecarAsync(path, file, cancellationToken).ConfigureAwait(false)
                ?? throw new EntityNotFoundException("artifact", path, $"There is no artifact '{path}' in '{Root}'. List the folder it should be in, or write it first.");
            var content = TryOpen(path, file);
            if (content is null) continue;
            // A writer removes the note before it replaces the content, so the note being there unchanged proves that this is its content.
            if (TryReadSidecar(path)?.WriteId != sidecar.WriteId)
            {
                await content.DisposeAsync().ConfigureAwait(false);
                continue;
            }

            if (offset == 0 && (length is null || length >= sidecar.Artifact.Length))
                return sidecar.Artifact.Verify(content, problem => Tampered(path, file, problem));
            content.Position = Math.Min(offset, content.Length);
            return new RangeStream(content, Math.Min(length ?? long.MaxValue, Math.Max(0, content.Length - offset)));
        }
    }

    /// <inheritdoc/>
    public async Task<Artifact> WriteAsync(string path, Stream content, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var file = _folder.Locate(path);
        _folder.CheckFolders(path);
        _folder.Sweep();
        var temporary = _folder.NewTemporaryFile();
        try
        {
            var artifact = await CopyAsync(path, content, temporary, cancellationToken).ConfigureAwait(false);
            using (await _folder.LockAsync(path, cancellationToken).ConfigureAwait(false))
            {
                await CheckAsync(path, file, condition, cancellationToken).ConfigureAwait(false);
                // Again: somebody may have written one of them meanwhile.
                _folder.CheckFolders(path);
                _folder.Guard("write artifact", path, () =>
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
            LocalArtifactFolder.TryDelete(temporary);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Artifact> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = ArtifactPath.CheckPrefix(prefix);
        var start = folder.Length == 0 ? Root : _folder.Locate(folder[..^1]);
        foreach (var path in _folder.FindPaths(start))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A file that was deleted while the listing went on is left out.
            if (await FindAsync(path, cancellationToken).ConfigureAwait(false) is { } artifact) yield return artifact;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string path, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        var file = _folder.Locate(path);
        if (!File.Exists(file) && condition.Digest is null) return false;
        using (await _folder.LockAsync(path, cancellationToken).ConfigureAwait(false))
        {
            await CheckAsync(path, file, condition, cancellationToken).ConfigureAwait(false);
            if (!File.Exists(file)) return false;
            _folder.Guard("delete artifact", path, () =>
            {
                DeleteSidecar(path);
                using var folder = _folder.PinFolderOf(path, file);
                File.Delete(folder.PathOf(Path.GetFileName(file)));
            });
        }

        _folder.RemoveEmptyFolders(Path.GetDirectoryName(file)!);
        return true;
    }

    private async Task<Artifact> CopyAsync(string path, Stream content, string temporary, CancellationToken cancellationToken)
    {
        var target = _folder.Guard("write artifact", path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(temporary)!);
            return new DurableFile(temporary);
        });
        await using (target.ConfigureAwait(false))
        {
            var (digest, length) = await HashingCopy.CopyAsync(content, WriteAsync, cancellationToken).ConfigureAwait(false);
            await GuardAsync(target.FinishAsync()).ConfigureAwait(false);
            return new Artifact(path, digest, length);
        }

        ValueTask WriteAsync(ReadOnlyMemory<byte> block, long position, CancellationToken token) => new(GuardAsync(target.WriteAsync(block, position, token).AsTask()));

        // Only the writing is guarded: what reading the caller's stream throws is the caller's.
        async Task GuardAsync(Task writing)
        {
            try
            {
                await writing.ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw _folder.Failed("write artifact", path, error);
            }
        }
    }

    private void MoveIntoPlace(string path, string temporary, string file)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var folder = _folder.PinFolderOf(path, file);
                var target = folder.PathOf(Path.GetFileName(file));
                if (Directory.Exists(target)) throw new IOException($"There is a folder at '{path}'.");
                File.Move(temporary, target, overwrite: true);
                DurableFolder.Flush(folder.PathOf(""));
                return;
            }
            catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException && attempt < 10)
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
        using (await _folder.LockAsync(path, cancellationToken).ConfigureAwait(false))
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
            using var stream = new FileStream(_folder.SidecarFile(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return ArtifactSidecar.TryParse(reader.ReadToEnd(), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw _folder.Failed("find artifact", path, error);
        }
    }

    private void DeleteSidecar(string path)
    {
        var file = _folder.SidecarFile(path);
        if (!File.Exists(file)) return;
        File.Delete(file);
        // Not to be there again, beside the next content, after a loss of power.
        DurableFolder.Flush(Path.GetDirectoryName(file)!);
    }

    private void WriteSidecar(ArtifactSidecar sidecar) => _folder.Guard("write artifact", sidecar.Artifact.Path, () =>
    {
        var (temporary, target) = (_folder.NewTemporaryFile(), _folder.SidecarFile(sidecar.Artifact.Path));
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
            var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);
            try
            {
                _folder.CheckOpened(content.SafeFileHandle, path, file);
                return content;
            }
            catch
            {
                content.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw _folder.Failed("read artifact", path, error);
        }
    }

    private static StorageException Tampered(string path, string file, string problem) => new(
        LocalArtifactFolder.Backend, "read artifact", $"The content of artifact '{path}' at '{file}' is not what was written: {problem}. Do not use it; restore the file from a copy, or write it again.");
}
