using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Mlops.Artifacts;

/// <summary>An artifact store within this process; its content ends with it.</summary>
public sealed class InMemoryArtifactStore : IArtifactStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (Artifact Artifact, byte[] Content)> _files = new(StringComparer.Ordinal);

    // How many files there are below each folder.
    private readonly Dictionary<string, int> _folders = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<Artifact?> FindAsync(string path, CancellationToken cancellationToken = default)
    {
        ArtifactPath.Check(path);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult<Artifact?>(_files.GetValueOrDefault(path).Artifact);
    }

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        ArtifactPath.Check(path);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } bytes) ArgumentOutOfRangeException.ThrowIfNegative(bytes, nameof(length));
        cancellationToken.ThrowIfCancellationRequested();
        byte[]? content;
        lock (_lock) content = _files.GetValueOrDefault(path).Content;
        if (content is null) throw new EntityNotFoundException("artifact", path, $"There is no artifact '{path}' in memory. List the folder it should be in, or write it first.");
        var start = (int)Math.Min(offset, content.Length);
        var count = (int)Math.Min(length ?? long.MaxValue, content.Length - start);
        return Task.FromResult<Stream>(new MemoryStream(content, start, count, writable: false));
    }

    /// <inheritdoc/>
    public async Task<Artifact> WriteAsync(string path, Stream content, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        ArtifactPath.Check(path);
        ArgumentNullException.ThrowIfNull(content);
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        var bytes = buffer.ToArray();
        var artifact = new Artifact(path, Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length);
        lock (_lock)
        {
            Check(path, condition);
            CheckFolders(path);
            if (!_files.ContainsKey(path)) Count(path, 1);
            _files[path] = (artifact, bytes);
        }

        return artifact;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Artifact> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = ArtifactPath.CheckPrefix(prefix);
        await Task.CompletedTask.ConfigureAwait(false);
        Artifact[] found;
        lock (_lock) found = [.. _files.Values.Select(file => file.Artifact).Where(artifact => artifact.Path.StartsWith(folder, StringComparison.Ordinal))];
        foreach (var artifact in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return artifact;
        }
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string path, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        ArtifactPath.Check(path);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Check(path, condition);
            if (!_files.Remove(path)) return Task.FromResult(false);
            Count(path, -1);
            return Task.FromResult(true);
        }
    }

    private static IEnumerable<string> FoldersOf(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1)) yield return path[..slash];
    }

    private void Count(string path, int change)
    {
        foreach (var folder in FoldersOf(path))
        {
            if ((_folders[folder] = _folders.GetValueOrDefault(folder) + change) == 0) _folders.Remove(folder);
        }
    }

    // As in a folder on disk, so that what works here works there.
    private void CheckFolders(string path)
    {
        if (_folders.ContainsKey(path)) throw ArtifactPath.IsFolder(path);
        foreach (var folder in FoldersOf(path))
        {
            if (_files.ContainsKey(folder)) throw ArtifactPath.IsNoFolder(path, folder);
        }
    }

    private void Check(string path, WriteCondition condition)
    {
        var present = _files.GetValueOrDefault(path).Artifact?.Digest;
        if (condition.MustBeAbsent && present is not null)
            throw new EntityConflictException("artifact", path, $"There is an artifact '{path}' already; write to another path, or replace it with WriteCondition.IfMatches.");
        if (condition.Digest is not null && present != condition.Digest)
        {
            throw new EntityConflictException(
                "artifact", path, $"The artifact '{path}' {(present is null ? "does not exist" : "has changed since it was read")}; read it again and decide anew.");
        }
    }
}
