using System.Security.Cryptography;
using System.Text.Json;
using Mlops.Artifacts;

namespace Mlops.Data;

/// <summary>What a catalog keeps in the artifact store: chunks and manifests.</summary>
internal sealed class CatalogFiles(IArtifactStore artifacts, TimeProvider time, bool verifiesReusedChunks = true)
{
    public const string Chunks = "datasets/chunks";
    public const string Manifests = "datasets/manifests";

    private const string Backend = "dataset catalog";

    public IArtifactStore Artifacts => artifacts;

    public static string ChunkPath(string id) => $"{Chunks}/{id[..2]}/{id}";

    public static string ManifestPath(string id) => $"{Manifests}/{id[..2]}/{id}";

    /// <summary>Sees to it that a chunk is there which no collection is deleting at the moment.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="doomed">The digests of what a collection is deleting, read after the chunk was protected.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task EnsureAsync(EncodedChunk chunk, HashSet<string> doomed, CancellationToken cancellationToken)
    {
        var path = ChunkPath(chunk.Id);
        while (true)
        {
            var present = await artifacts.FindAsync(path, cancellationToken).ConfigureAwait(false);
            if (present is not null && !doomed.Contains(present.Digest) && await IsWholeAsync(chunk, present, cancellationToken).ConfigureAwait(false)) return;
            try
            {
                // What is doomed is written anew: the collection deletes the old write of it only.
                using var content = new MemoryStream(chunk.Frame, writable: false);
                await artifacts.WriteAsync(path, content, present is null ? WriteCondition.IfAbsent : WriteCondition.IfMatches(present.Digest), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (EntityConflictException)
            {
                // Somebody else wrote or deleted it in the meantime; look again.
            }
        }
    }

    /// <summary>Writes a file that was doomed and is needed after all, so that whoever deletes the old write leaves the new one alone.</summary>
    public async Task RenewAsync(Artifact file, CancellationToken cancellationToken)
    {
        try
        {
            var present = await artifacts.FindAsync(file.Path, cancellationToken).ConfigureAwait(false);
            if (present?.Digest != file.Digest) return;
            var frame = await ReadAsync(file.Path, present.Length, cancellationToken).ConfigureAwait(false);
            if (frame.Length < ChunkFrame.Overhead) return;
            ChunkFrame.SetIncarnation(frame, Ids.CreateGuid(time));
            using var content = new MemoryStream(frame, writable: false);
            await artifacts.WriteAsync(file.Path, content, WriteCondition.IfMatches(file.Digest), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is EntityConflictException or EntityNotFoundException)
        {
            // It is another write already.
        }
    }

    /// <summary>Reads and verifies the content of a chunk.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="owner">The version it is read for, for messages.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="StorageException">The chunk is missing, or not what was written.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadChunkAsync(ManifestChunk chunk, string owner, CancellationToken cancellationToken)
    {
        var path = ChunkPath(chunk.Id);
        byte[] frame;
        try
        {
            frame = await ReadAsync(path, (long)chunk.Bytes + ChunkFrame.Overhead, cancellationToken).ConfigureAwait(false);
        }
        catch (EntityNotFoundException error)
        {
            throw new StorageException(
                Backend, "read chunk", $"The chunk '{path}' of '{owner}' is missing. If the version was deleted meanwhile, resolve it again; if not, restore the file from a copy, or register the data again.", error);
        }

        var content = ChunkFrame.Read(frame, chunk.Id, chunk.Bytes, out var problem);
        return problem is null ? content : throw new StorageException(
            Backend, "read chunk", $"The chunk '{path}' of '{owner}' is damaged: {problem}. Do not use it; restore the file from a copy, or register the data again.");
    }

    public async Task WriteManifestAsync(string id, byte[] manifest, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(manifest, writable: false);
        await artifacts.WriteAsync(ManifestPath(id), content, WriteCondition.IfAbsent, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads and verifies a manifest.</summary>
    /// <exception cref="EntityNotFoundException">There is no such manifest.</exception>
    /// <exception cref="StorageException">It is not what was written.</exception>
    public async Task<DatasetManifest> ReadManifestAsync(string id, string owner, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(ManifestPath(id), Array.MaxLength, cancellationToken).ConfigureAwait(false);
        Exception? cause = null;
        try
        {
            if (Convert.ToHexStringLower(SHA256.HashData(bytes)) == id && DatasetManifest.FromBytes(bytes) is { } manifest) return manifest;
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            cause = error;
        }

        throw new StorageException(Backend, "read manifest", $"The manifest '{ManifestPath(id)}' of '{owner}' is not what was written. Restore the file from a copy, or register the data again.", cause);
    }

    /// <summary>Tells whether a chunk that is there can be relied on: by its content, or where that is not wanted by its length, unless it is compressed in another way.</summary>
    private async Task<bool> IsWholeAsync(EncodedChunk chunk, Artifact present, CancellationToken cancellationToken)
    {
        if (!verifiesReusedChunks && present.Length == chunk.Frame.Length) return true;
        try
        {
            var frame = await ReadAsync(present.Path, (long)chunk.ContentLength + ChunkFrame.Overhead, cancellationToken).ConfigureAwait(false);
            ChunkFrame.Read(frame, chunk.Id, chunk.ContentLength, out var problem);
            return problem is null;
        }
        catch (Exception error) when (error is EntityNotFoundException or StorageException)
        {
            // Gone, or damaged: it is written again.
            return false;
        }
    }

    /// <summary>Reads a file, and of a longer one than it may be no more than that shows.</summary>
    private async Task<byte[]> ReadAsync(string path, long limit, CancellationToken cancellationToken)
    {
        var stream = await artifacts.OpenReadAsync(path, 0, null, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var target = new MemoryStream();
            var buffer = new byte[81920];
            while (target.Length <= limit && await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0) target.Write(buffer, 0, count);
            return target.ToArray();
        }
    }
}
