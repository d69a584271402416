using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Mlops.Artifacts.AzureBlobs;

/// <summary>Brings content to the service in blocks, several at once, which become a blob when they are committed.</summary>
/// <remarks>
/// The name of a block is its index and the SHA-256 of its bytes, so a repeated upload recognises the blocks that are there, staged by one that broke off or part of the present blob,
/// and does not send them again. The service checks the MD5 of each block that it receives.
/// </remarks>
internal sealed class BlockStaging(BlockBlobClient blob, AzureBlobArtifactStoreOptions options) : IDisposable
{
    private const int MaxBlocks = 50_000;

    private readonly List<string> _names = [];
    private byte[]? _single;
    private int _singleBytes;

    /// <summary>Gets the SHA-256 digest of the content, once it was staged.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>Gets the length of the content in bytes, once it was staged.</summary>
    public long Length { get; private set; }

    /// <summary>Gets how many blocks were there already.</summary>
    public int Skipped { get; private set; }

    /// <summary>Reads content to its end. What fits into one block is kept, the rest is sent.</summary>
    /// <param name="content">The content.</param>
    /// <param name="findStaged">Finds the names of the blocks that are there; called when there is more than one block.</param>
    /// <param name="failed">Makes the exception of a failure of the service.</param>
    /// <param name="cancellationToken">Cancels the operation; what was staged stays for a repetition, and expires at the service.</param>
    public async Task StageAsync(Stream content, Func<Task<HashSet<string>>> findStaged, Func<Exception, Exception> failed, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (buffers, sending, staged) = (new byte[]?[options.Parallelism], new Task[options.Parallelism], default(HashSet<string>));
        Array.Fill(sending, Task.CompletedTask);
        try
        {
            for (var index = 0; ; index++)
            {
                var slot = index % buffers.Length;
                await GuardAsync(sending[slot]).ConfigureAwait(false);
                var size = index == 0 ? FirstBytes(content) : options.BlockBytes;
                var buffer = buffers[slot] = Fit(buffers[slot], size);
                var count = await content.ReadAtLeastAsync(buffer.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                Length += count;
                if (index == 0 && count < size)
                {
                    hash.AppendData(buffer, 0, count);
                    (_single, _singleBytes, buffers[slot]) = (buffer, count, null);
                    break;
                }

                if (count == 0) break;
                if (index == MaxBlocks) throw TooLong();
                var name = await HashAsync(hash, buffer, count, index).ConfigureAwait(false);
                _names.Add(name);
                if (staged is null)
                {
                    var finding = findStaged();
                    await GuardAsync(finding).ConfigureAwait(false);
                    staged = await finding.ConfigureAwait(false);
                }

                if (staged.Contains(name)) Skipped++;
                else sending[slot] = SendAsync(name, buffer, count, stop.Token);
                if (count < size) break;
            }

            foreach (var task in sending) await GuardAsync(task).ConfigureAwait(false);
            Digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            // Nobody may be sending a buffer that goes back to the pool.
            foreach (var task in sending) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var buffer in buffers)
            {
                if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        async Task GuardAsync(Task task)
        {
            try
            {
                await task.ConfigureAwait(false);
            }
            catch (Exception error) when (BlobErrors.IsFailure(error, cancellationToken))
            {
                throw failed(error);
            }
        }
    }

    /// <summary>Makes what was staged the content of the blob, in one step.</summary>
    public async Task CommitAsync(Dictionary<string, string> metadata, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        if (_single is null)
        {
            await blob.CommitBlockListAsync(_names, new CommitBlockListOptions { Metadata = metadata, Conditions = conditions }, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var content = new MemoryStream(_single, 0, _singleBytes, writable: false);
        var upload = new BlobUploadOptions
        {
            Metadata = metadata,
            Conditions = conditions,
            TransferValidation = Md5(),
            TransferOptions = new StorageTransferOptions { InitialTransferSize = options.BlockBytes, MaximumTransferSize = options.BlockBytes },
        };
        await blob.UploadAsync(content, upload, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        if (_single is not null) ArrayPool<byte>.Shared.Return(_single);
        _single = null;
    }

    // Content of a known length that is short needs no buffer of a whole block; one byte more shows whether it ends there.
    private int FirstBytes(Stream content) => content.CanSeek ? (int)Math.Clamp(content.Length - content.Position + 1, 1, options.BlockBytes) : options.BlockBytes;

    private static byte[] Fit(byte[]? buffer, int size)
    {
        if (buffer?.Length >= size) return buffer;
        if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        return ArrayPool<byte>.Shared.Rent(size);
    }

    // The block and the whole are hashed beside each other.
    private static async Task<string> HashAsync(IncrementalHash whole, byte[] buffer, int count, int index)
    {
        var hashing = Task.Run(() => whole.AppendData(buffer, 0, count));
        var name = new byte[sizeof(int) + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt32BigEndian(name, index);
        SHA256.HashData(buffer.AsSpan(0, count), name.AsSpan(sizeof(int)));
        await hashing.ConfigureAwait(false);
        return Convert.ToBase64String(name);
    }

    private async Task SendAsync(string name, byte[] buffer, int count, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(buffer, 0, count, writable: false);
        await blob.StageBlockAsync(name, content, new BlockBlobStageBlockOptions { TransferValidation = Md5() }, cancellationToken).ConfigureAwait(false);
    }

    private static UploadTransferValidationOptions Md5() => new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 };

    private StorageException TooLong() => new(
        BlobErrors.Backend, "write artifact", $"The content is longer than {MaxBlocks} blocks of {options.BlockBytes} bytes, which is what one blob takes; raise BlockBytes.");
}
