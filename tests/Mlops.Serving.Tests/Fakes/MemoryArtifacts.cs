using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Mlops.Artifacts;

namespace Mlops.Serving.Tests;

/// <summary>An artifact store in memory, as far as loading needs one.</summary>
internal sealed class MemoryArtifacts : IArtifactStore
{
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets or sets what every access throws.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Gets or sets what every listing awaits first.</summary>
    public Func<Task>? BeforeRead { get; set; }

    public int Opens { get; private set; }

    public async Task WriteDirectoryAsync(string directory, string folder, CancellationToken cancellationToken)
    {
        foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
            Files[$"{folder}/{Path.GetRelativePath(directory, file).Replace('\\', '/')}"] = await File.ReadAllBytesAsync(file, cancellationToken);
    }

    public Task<Artifact?> FindAsync(string path, CancellationToken cancellationToken = default)
        => Task.FromResult(Files.TryGetValue(path, out var content) ? Describe(path, content) : null);

    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        if (Failure is { } failure) throw failure;
        Opens++;
        return Task.FromResult<Stream>(new MemoryStream(Files[path], writable: false));
    }

    public async Task<Artifact> WriteAsync(string path, Stream content, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken);
        return Describe(path, Files[path] = buffer.ToArray());
    }

    public async IAsyncEnumerable<Artifact> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (BeforeRead is { } before) await before();
        if (Failure is { } failure) throw failure;
        var folder = prefix.Length == 0 ? "" : prefix.TrimEnd('/') + "/";
        foreach (var (path, content) in Files.Where(file => file.Key.StartsWith(folder, StringComparison.Ordinal)).OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Describe(path, content);
        }
    }

    public Task<bool> DeleteAsync(string path, WriteCondition condition = default, CancellationToken cancellationToken = default)
        => Task.FromResult(Files.TryRemove(path, out _));

    private static Artifact Describe(string path, byte[] content) => new(path, Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);
}
