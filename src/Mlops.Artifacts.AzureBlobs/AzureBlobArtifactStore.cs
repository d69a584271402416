using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Azure;
using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Mlops.Artifacts.AzureBlobs;

/// <summary>Keeps artifacts as blobs in a container of Azure Blob Storage, which is created with the first write.</summary>
/// <remarks>
/// <para>Content is uploaded in blocks, several at once, in memory that does not depend on its length. A write that broke off is resumed by repeating it: blocks that are there already
/// are not sent again. The content appears in one step. Its SHA-256 digest is kept in the metadata of the blob and verified while it is read; a read goes on where it was when the
/// connection breaks.</para>
/// <para>Conditions hold among all hosts, by entity tags. Blobs that other programs put into the container are artifacts too: their digest is computed when they are first looked at,
/// and kept in their metadata where the credentials allow it. Two writes of large content to one path at once discard each other's blocks; the one that loses them starts over
/// when its content can be read again, and fails with a transient <see cref="StorageException"/> when it cannot.</para>
/// </remarks>
/// <example><code>
/// var store = new AzureBlobArtifactStore(new Uri("https://account.blob.core.windows.net/models"), new DefaultAzureCredential());
/// await store.WriteAsync("churn/1/model.onnx", content);
/// </code></example>
public sealed class AzureBlobArtifactStore : IArtifactStore
{
    private const int MaxAttempts = 8;

    private readonly BlobContainerClient _container;
    private readonly AzureBlobArtifactStoreOptions _options;
    private readonly BlobErrors _errors;
    private readonly string _prefix;

    /// <summary>Creates a store over a container of the account that a connection string names.</summary>
    /// <param name="connectionString">The connection string, with an account key or a shared access signature.</param>
    /// <param name="container">The name of the container.</param>
    /// <param name="options">How to keep artifacts; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The connection string is not one, or no container can have the name.</exception>
    public AzureBlobArtifactStore(string connectionString, string container, AzureBlobArtifactStoreOptions? options = null)
        : this(Connect(connectionString, container, options), options)
    {
    }

    /// <summary>Creates a store over a container by its address, which carries a shared access signature unless anybody may use it.</summary>
    /// <param name="container">The address: <c>https://account.blob.core.windows.net/container?sv=…&amp;sig=…</c>.</param>
    /// <param name="options">How to keep artifacts; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">No container can have the name in the address.</exception>
    public AzureBlobArtifactStore(Uri container, AzureBlobArtifactStoreOptions? options = null)
        : this(new BlobContainerClient(container ?? throw new ArgumentNullException(nameof(container)), options?.CreateClientOptions()), options)
    {
    }

    /// <summary>Creates a store over a container by its address, with a credential that gets tokens: a managed identity, a workload identity, a user.</summary>
    /// <param name="container">The address: <c>https://account.blob.core.windows.net/container</c>.</param>
    /// <param name="credential">What gets tokens, such as one of Azure.Identity.</param>
    /// <param name="options">How to keep artifacts; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The address is not one of HTTPS, which tokens need.</exception>
    public AzureBlobArtifactStore(Uri container, TokenCredential credential, AzureBlobArtifactStoreOptions? options = null)
        : this(
            new BlobContainerClient(container ?? throw new ArgumentNullException(nameof(container)), credential ?? throw new ArgumentNullException(nameof(credential)), options?.CreateClientOptions()),
            options)
    {
    }

    /// <summary>Creates a store over a client of the host's own.</summary>
    /// <param name="container">The client of the container. <see cref="AzureBlobArtifactStoreOptions.ConfigureClient"/> does not apply to it.</param>
    /// <param name="options">How to keep artifacts; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">No container can have the name in the address.</exception>
    public AzureBlobArtifactStore(BlobContainerClient container, AzureBlobArtifactStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(container);
        BlobContainerName.Check(container.Name);
        _container = container;
        _options = options ?? new AzureBlobArtifactStoreOptions();
        // Named by the option: a host does not see the parameter.
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Parallelism, 1, $"{nameof(options)}.{nameof(_options.Parallelism)}");
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.BlockBytes, AzureBlobArtifactStoreOptions.MinBlockBytes, $"{nameof(options)}.{nameof(_options.BlockBytes)}");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.BlockBytes, AzureBlobArtifactStoreOptions.MaxBlockBytes, $"{nameof(options)}.{nameof(_options.BlockBytes)}");
        _prefix = ArtifactPath.CheckPrefix(_options.Prefix);
        _errors = new BlobErrors(container);
    }

    /// <summary>Gets the address of the container, without a signature.</summary>
    public Uri Container => new(_errors.Place);

    /// <inheritdoc/>
    public async Task<Artifact?> FindAsync(string path, CancellationToken cancellationToken = default)
    {
        var name = Name(path);
        return (await GuardAsync("find artifact", path, () => ReadNoteAsync(path, name, cancellationToken), cancellationToken).ConfigureAwait(false))?.Artifact;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        var name = Name(path);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } bytes) ArgumentOutOfRangeException.ThrowIfNegative(bytes, nameof(length));
        return await GuardAsync("read artifact", path, () => OpenAsync(path, name, offset, length ?? long.MaxValue, cancellationToken), cancellationToken).ConfigureAwait(false)
            ?? throw new EntityNotFoundException("artifact", path, $"There is no artifact '{path}' in '{_errors.Place}'. List the folder it should be in, or write it first.");
    }

    /// <inheritdoc/>
    public async Task<Artifact> WriteAsync(string path, Stream content, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        var name = Name(path);
        ArgumentNullException.ThrowIfNull(content);
        var start = content.CanSeek ? content.Position : -1;
        // Checked beforehand too, so that nothing is uploaded in vain.
        if (condition != default) await GuardAsync("write artifact", path, () => CheckAsync(path, name, condition, cancellationToken), cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            using var staging = new BlockStaging(_container.GetBlockBlobClient(name), _options);
            // What reading the caller's stream throws is the caller's; only the service is guarded.
            await staging.StageAsync(content, () => FindStagedAsync(name, cancellationToken), error => _errors.Failed("write artifact", path, error), cancellationToken).ConfigureAwait(false);
            try
            {
                await GuardAsync("write artifact", path, () => CommitAsync(path, name, staging, condition, cancellationToken), cancellationToken).ConfigureAwait(false);
                return new Artifact(path, staging.Digest, staging.Length);
            }
            catch (BlocksGoneException)
            {
                if (start < 0 || attempt == MaxAttempts) throw Raced(path);
                content.Position = start;
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Artifact> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = _prefix + ArtifactPath.CheckPrefix(prefix);
        // Sorted here: accounts with folders list them in another order.
        var notes = await GuardAsync("list artifacts", prefix, () => ListNotesAsync(folder, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var (path, note) in notes)
        {
            // A file that was deleted while the listing went on is left out.
            if ((note.Artifact ?? await FindAsync(path, cancellationToken).ConfigureAwait(false)) is { } artifact) yield return artifact;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string path, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        var name = Name(path);
        return await GuardAsync("delete artifact", path, () => DeleteAsync(path, name, condition, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static BlobContainerClient Connect(string connectionString, string container, AzureBlobArtifactStoreOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        BlobContainerName.Check(container);
        try
        {
            return new BlobContainerClient(connectionString, container, options?.CreateClientOptions());
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            // The cause may repeat the key, so it is left out.
            throw new ArgumentException("The connection string is not one of Azure Storage. Copy it whole from the access keys of the storage account.", nameof(connectionString));
        }
    }

    private string Name(string path) => _prefix + ArtifactPath.Check(path);

    private async Task<T> GuardAsync<T>(string operation, string path, Func<Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await action().ConfigureAwait(false);
        }
        catch (Exception error) when (error is not BlocksGoneException && BlobErrors.IsFailure(error, cancellationToken))
        {
            throw _errors.Failed(operation, path, error);
        }
    }

    private async Task<BlobNote?> ReadNoteAsync(string path, string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var blob = _container.GetBlobClient(name);
                var properties = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).Value;
                var note = BlobNote.Of(path, properties);
                if (note.IsFolder) return null;
                if (note.Artifact is not null) return note;
                if (await ComputeAsync(path, blob, properties, cancellationToken).ConfigureAwait(false) is { } computed) return computed;
            }
            catch (RequestFailedException error) when (BlobErrors.IsNotFound(error))
            {
                return null;
            }
        }
    }

    // The digest of what another program wrote; null when the blob was written again meanwhile.
    private async Task<BlobNote?> ComputeAsync(string path, BlobClient blob, BlobProperties properties, CancellationToken cancellationToken)
    {
        var unchanged = new BlobRequestConditions { IfMatch = properties.ETag };
        try
        {
            string digest;
            var content = (await blob.DownloadStreamingAsync(new BlobDownloadOptions { Conditions = unchanged }, cancellationToken).ConfigureAwait(false)).Value.Content;
            var whole = new BlobReadStream(blob, _errors, path, properties.ETag, content, 0, properties.ContentLength);
            await using (whole.ConfigureAwait(false)) digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(whole, cancellationToken).ConfigureAwait(false));
            var artifact = new Artifact(path, digest, properties.ContentLength);
            try
            {
                var kept = await blob.SetMetadataAsync(BlobNote.Metadata(properties.Metadata, digest), unchanged, cancellationToken).ConfigureAwait(false);
                return new BlobNote(artifact, kept.Value.ETag, null, false);
            }
            catch (RequestFailedException error) when (error.Status == 403)
            {
                // Credentials that may only read: it is computed again the next time.
                return new BlobNote(artifact, properties.ETag, null, false);
            }
        }
        catch (RequestFailedException error) when (error.Status == 412)
        {
            return null;
        }
    }

    private async Task<Stream?> OpenAsync(string path, string name, long offset, long length, CancellationToken cancellationToken)
    {
        var blob = _container.GetBlobClient(name);
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            // The service takes no empty range, and none that begins behind the end.
            if (length > 0)
            {
                try
                {
                    // The answer tells the digest of the very content that it brings.
                    var range = offset == 0 && length == long.MaxValue ? default : new HttpRange(offset, length == long.MaxValue ? null : length);
                    var answer = (await blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellationToken).ConfigureAwait(false)).Value;
                    var note = BlobNote.Of(path, answer.Details);
                    if (note is { Artifact: { } known, IsFolder: false }) return Wrap(path, blob, note.ETag, known, answer.Content, offset, length);
                    await answer.Content.DisposeAsync().ConfigureAwait(false);
                }
                catch (RequestFailedException error) when (BlobErrors.IsNotFound(error))
                {
                    return null;
                }
                catch (RequestFailedException error) when (error.Status == 416)
                {
                    // Looked at below.
                }
            }

            if (await ReadNoteAsync(path, name, cancellationToken).ConfigureAwait(false) is not { Artifact: { } artifact }) return null;
            if (artifact.Length > offset && length > 0) continue;
            var nothing = new MemoryStream([], writable: false);
            return artifact.Length == 0 ? artifact.Verify(nothing, problem => _errors.Tampered(path, problem)) : nothing;
        }

        throw _errors.Replaced(path);
    }

    private Stream Wrap(string path, BlobClient blob, ETag etag, Artifact artifact, Stream content, long offset, long length)
    {
        var end = length > artifact.Length - offset ? artifact.Length : offset + length;
        var resumed = new BlobReadStream(blob, _errors, path, etag, content, offset, end);
        return end - offset == artifact.Length ? artifact.Verify(resumed, problem => _errors.Tampered(path, problem)) : resumed;
    }

    private async Task<HashSet<string>> FindStagedAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var blocks = (await _container.GetBlockBlobClient(name).GetBlockListAsync(BlockListTypes.All, cancellationToken: cancellationToken).ConfigureAwait(false)).Value;
            return [.. blocks.UncommittedBlocks.Concat(blocks.CommittedBlocks).Select(block => block.Name)];
        }
        catch (RequestFailedException error) when (BlobErrors.IsNotFound(error))
        {
            if (BlobErrors.IsContainerMissing(error)) await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            return [];
        }
    }

    private async Task<bool> CommitAsync(string path, string name, BlockStaging staging, WriteCondition condition, CancellationToken cancellationToken)
    {
        var writeId = Ids.Create(TimeProvider.System);
        var metadata = BlobNote.Metadata(staging.Digest, writeId);
        for (var attempt = 1; ; attempt++)
        {
            var conditions = await CheckAsync(path, name, condition, cancellationToken).ConfigureAwait(false);
            try
            {
                await staging.CommitAsync(metadata, conditions, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (RequestFailedException error) when (BlobErrors.IsContainerMissing(error) && attempt < MaxAttempts)
            {
                await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch (RequestFailedException error) when (BlobErrors.IsConditionNotMet(error) && attempt < MaxAttempts)
            {
                // The client repeats a request whose answer was lost: the blob may be what it was told to make. Otherwise the condition is looked at anew.
                if ((await ReadNoteAsync(path, name, cancellationToken).ConfigureAwait(false))?.WriteId == writeId) return true;
            }
            catch (RequestFailedException error) when (BlobErrors.AreBlocksGone(error))
            {
                throw new BlocksGoneException();
            }
        }
    }

    private async Task<bool> DeleteAsync(string path, string name, WriteCondition condition, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var conditions = await CheckAsync(path, name, condition, cancellationToken).ConfigureAwait(false);
            // When nothing may be there, and nothing is, there is nothing to delete.
            if (condition.MustBeAbsent) return false;
            try
            {
                return (await _container.GetBlobClient(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions, cancellationToken).ConfigureAwait(false)).Value;
            }
            catch (RequestFailedException error) when (BlobErrors.IsConditionNotMet(error) && attempt < MaxAttempts)
            {
                // It was written again since it was looked at.
            }
        }
    }

    // What the service is to check, so that the condition holds at the moment of the write too; throws when it does not hold now.
    private async Task<BlobRequestConditions?> CheckAsync(string path, string name, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition == default) return null;
        var note = await ReadNoteAsync(path, name, cancellationToken).ConfigureAwait(false);
        if (condition.MustBeAbsent)
        {
            return note is null
                ? new BlobRequestConditions { IfNoneMatch = ETag.All }
                : throw new EntityConflictException("artifact", path, $"There is an artifact '{path}' already; write to another path, or replace it with WriteCondition.IfMatches.");
        }

        return note?.Artifact?.Digest == condition.Digest
            ? new BlobRequestConditions { IfMatch = note!.ETag }
            : throw new EntityConflictException("artifact", path, $"The artifact '{path}' {(note is null ? "does not exist" : "has changed since it was read")}; read it again and decide anew.");
    }

    private async Task<List<(string Path, BlobNote Note)>> ListNotesAsync(string folder, CancellationToken cancellationToken)
    {
        var notes = new List<(string Path, BlobNote Note)>();
        try
        {
            await foreach (var blob in _container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, folder, cancellationToken).ConfigureAwait(false))
            {
                var path = blob.Name[_prefix.Length..];
                var note = BlobNote.Of(path, blob.Metadata, blob.Properties.ContentLength ?? 0, blob.Properties.ETag ?? default);
                if (!note.IsFolder && ArtifactPath.IsAllowed(path)) notes.Add((path, note));
            }
        }
        catch (RequestFailedException error) when (BlobErrors.IsContainerMissing(error))
        {
            // The first write will create it.
        }

        notes.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return notes;
    }

    private StorageException Raced(string path) => new(
        BlobErrors.Backend, "write artifact", $"Another write to '{path}' in '{_errors.Place}' was completed meanwhile and discarded the blocks of this one; write the content again.") { IsTransient = true };

    private sealed class BlocksGoneException : Exception;
}
