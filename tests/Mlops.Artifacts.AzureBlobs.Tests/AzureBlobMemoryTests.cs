using System.Diagnostics;
using System.Security.Cryptography;

namespace Mlops.Artifacts.AzureBlobs.Tests;

/// <summary>Content far larger than the memory that moving it takes. With MLOPS_SOAK=1 it has 1 GB, otherwise 256 MB; the memory must not depend on it.</summary>
[Collection(Alone)]
public sealed class AzureBlobMemoryTests(AzuriteServer azurite)
{
    /// <summary>What other tests do at the same time would be measured too.</summary>
    private const string Alone = "Alone";

    private const long MemoryLimit = 64 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_OpenReadAsync_ContentOfManyTimesTheMemory_StayWithinTheLimit()
    {
        var length = (Environment.GetEnvironmentVariable("MLOPS_SOAK") == "1" ? 1024L : 256L) << 20;
        var store = new AzureBlobArtifactStore(azurite.NewContainer(), new AzureBlobArtifactStoreOptions { BlockBytes = 4 << 20 });
        await store.WriteAsync("warm", new NumberStream(20 << 20), default, Token);
        var (before, peak) = (Committed(), 0L);
        var started = Stopwatch.GetTimestamp();
        var written = await store.WriteAsync("large", new NumberStream(length, onRead: Measure), default, Token);
        var writing = Stopwatch.GetElapsedTime(started).TotalSeconds;

        started = Stopwatch.GetTimestamp();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var stream = await store.OpenReadAsync("large", 0, null, Token))
        {
            var buffer = new byte[1 << 20];
            while (await stream.ReadAsync(buffer, Token) is var count and > 0)
            {
                hash.AppendData(buffer, 0, count);
                await Measure(0);
            }
        }

        var reading = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var megabytes = length / 1048576.0;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{megabytes:0} MiB: written at {megabytes / writing:0} MiB/s, read at {megabytes / reading:0} MiB/s, memory grew by {(peak - before) / 1048576.0:0} MiB");
        Assert.Equal((length, Convert.ToHexStringLower(hash.GetHashAndReset())), (written.Length, written.Digest));
        Assert.InRange(peak - before, long.MinValue, MemoryLimit);

        Task Measure(long position)
        {
            peak = Math.Max(peak, Committed());
            return Task.CompletedTask;
        }
    }

    private static long Committed() => GC.GetTotalMemory(forceFullCollection: false);

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class AloneDefinition;
}
