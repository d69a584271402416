using System.Buffers;
using System.Security.Cryptography;

namespace Mlops.Artifacts;

/// <summary>Copies content and hashes it in one pass: while one block is hashed on one thread and written on another, the next one is read.</summary>
internal static class HashingCopy
{
    /// <summary>The size of a block in bytes. Two are held, whatever the length of the content.</summary>
    public const int BlockBytes = 1 << 20;

    // Below this, handing a block to another thread takes longer than hashing it.
    private const int InlineBytes = 64 << 10;

    /// <summary>Copies content to its end.</summary>
    /// <param name="source">The content.</param>
    /// <param name="write">Takes each block with its position; the block is its own until it completes.</param>
    /// <param name="cancellationToken">Cancels the copying.</param>
    /// <returns>The SHA-256 digest and the length in bytes.</returns>
    public static async Task<(string Digest, long Length)> CopyAsync(
        Stream source, Func<ReadOnlyMemory<byte>, long, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reading = ArrayPool<byte>.Shared.Rent(BlockBytes);
        var (working, pending, length) = (default(byte[]), Task.CompletedTask, 0L);
        try
        {
            for (var count = BlockBytes; count == BlockBytes; length += count)
            {
                count = await source.ReadAtLeastAsync(reading.AsMemory(0, BlockBytes), BlockBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                await pending.ConfigureAwait(false);
                if (count == 0) break;
                pending = WorkAsync(hash, reading.AsMemory(0, count), length, write, cancellationToken);
                (reading, working) = (working ?? ArrayPool<byte>.Shared.Rent(BlockBytes), reading);
            }

            await pending.ConfigureAwait(false);
            return (Convert.ToHexStringLower(hash.GetHashAndReset()), length);
        }
        finally
        {
            // After a failure too, nobody may be at work on a block that goes back to the pool.
            await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(reading);
            if (working is not null) ArrayPool<byte>.Shared.Return(working);
        }
    }

    private static async Task WorkAsync(
        IncrementalHash hash, ReadOnlyMemory<byte> block, long position, Func<ReadOnlyMemory<byte>, long, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        var hashing = Task.CompletedTask;
        if (block.Length < InlineBytes) hash.AppendData(block.Span);
        else hashing = Task.Run(() => hash.AppendData(block.Span), CancellationToken.None);
        try
        {
            await write(block, position, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await hashing.ConfigureAwait(false);
        }
    }
}
