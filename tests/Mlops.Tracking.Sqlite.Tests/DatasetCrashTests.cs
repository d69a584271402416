using System.Globalization;
using Mlops.Data;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Tracking.Sqlite.Tests;

/// <summary>Processes that register versions and collect garbage are killed at any moment, over one SQLite file and one folder.</summary>
public sealed class DatasetCrashTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task CollectGarbageAsync_WritersAndCollectorsWereKilled_KeepsEveryVersionAndRemovesTheRest()
    {
        const int Rounds = 6;
        var random = new Random(17);
        var told = new Dictionary<int, string>();
        for (var round = 0; round < Rounds; round++)
        {
            await using var one = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "datasets", _file.Path, (2 * round).ToString(CultureInfo.InvariantCulture));
            await using var other = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "datasets", _file.Path, ((2 * round) + 1).ToString(CultureInfo.InvariantCulture));
            await using var collector = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "collect", _file.Path);
            // All of them are at work before the first is killed, somewhere in what it does next.
            Note(await one.ReadLineAsync(Token));
            Note(await other.ReadLineAsync(Token));
            Assert.NotNull(await collector.ReadLineAsync(Token));
            ProgramProcess[] processes = [one, other, collector];
            random.Shuffle(processes);
            for (var i = 0; i < processes.Length; i++)
            {
                // What another one tells makes a moment that has nothing to do with what this one is doing.
                for (var lines = i + 1 < processes.Length ? random.Next(5) : 0; lines > 0; lines--) Note(await processes[i + 1].ReadLineAsync(Token));
                foreach (var line in await processes[i].KillAsync(Token)) Note(line);
            }

            await AssertWholeAsync(told);
        }

        Assert.True(told.Count >= 2 * Rounds);
        var tracking = await _file.OpenTrackingAsync();
        // Two hours later, by the clock of this catalog, the registrations that were killed are given up.
        var later = new DatasetCatalog(tracking.Artifacts, tracking.State, new ManualTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(2)));
        await later.CollectGarbageAsync(new GarbageCollectionOptions { GracePeriod = TimeSpan.Zero }, Token);
        await AssertWholeAsync(told);

        // Nothing is left but what the versions need: deleting all of them empties the store.
        Assert.Empty(await tracking.State.ListAsync("dataset-registrations/", Token).ToListAsync(Token));
        var used = await later.CollectGarbageAsync(new GarbageCollectionOptions { GracePeriod = TimeSpan.Zero }, Token);
        Assert.Equal((0, 0), (used.DeletedFiles, used.WaitingFiles));
        Assert.Equal(used.UsedFiles, await CountFilesAsync(tracking));
        await foreach (var version in later.ListVersionsAsync("rows", Token)) await later.DeleteVersionAsync("rows", version.Version, Token);
        await later.CollectGarbageAsync(new GarbageCollectionOptions { GracePeriod = TimeSpan.Zero }, Token);
        Assert.Equal(0, await CountFilesAsync(tracking));

        void Note(string? line)
        {
            if (line?.Split(' ') is [var version, { Length: 64 } fingerprint]) told[int.Parse(version, CultureInfo.InvariantCulture)] = fingerprint;
        }
    }

    private static async Task<int> CountFilesAsync(SqliteTracking tracking)
        => await tracking.Artifacts.ListAsync("datasets/chunks", Token).CountAsync(Token) + await tracking.Artifacts.ListAsync("datasets/manifests", Token).CountAsync(Token);

    private async Task AssertWholeAsync(Dictionary<int, string> told)
    {
        var tracking = await _file.OpenTrackingAsync();
        var catalog = new DatasetCatalog(tracking.Artifacts, tracking.State);
        var count = 0;
        await foreach (var version in catalog.ListVersionsAsync("rows", Token))
        {
            var opened = await catalog.OpenAsync(version.Address, Token);
            Assert.Equal(version.Fingerprint, (await DatasetFingerprint.ComputeAsync(opened, cancellationToken: Token)).Digest);
            if (told.TryGetValue(version.Version, out var fingerprint)) Assert.Equal(fingerprint, version.Fingerprint);
            count++;
        }

        Assert.True(count > 0, "No version is there.");
    }
}
