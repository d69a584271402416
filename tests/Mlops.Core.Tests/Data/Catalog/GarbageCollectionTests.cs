using Mlops.Data;

namespace Mlops.Core.Tests.Data.Catalog;

public sealed class GarbageCollectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CollectGarbageAsync_DeletedVersion_IsRemovedAfterTheGracePeriodOnly()
    {
        var world = await CatalogWorld.CreateAsync();
        var before = await world.Artifacts.ListAsync("datasets/chunks", Token).CountAsync(Token);
        var first = await world.Catalog.CollectGarbageAsync(cancellationToken: Token);
        Assert.Equal(0, first.DeletedFiles);
        Assert.True(first.WaitingFiles > 2 && first.WaitingBytes > 0 && first.UsedFiles > 2);
        Assert.Equal(before + 2, first.WaitingFiles + first.UsedFiles);
        world.Clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(first, await world.Catalog.CollectGarbageAsync(cancellationToken: Token));
        world.Clock.Advance(TimeSpan.FromHours(1));
        var last = await world.Catalog.CollectGarbageAsync(cancellationToken: Token);
        Assert.Equal(new GarbageCollectionResult(first.WaitingFiles, first.WaitingBytes, 0, 0, first.UsedFiles, first.UsedBytes), last);
        await world.AssertCollectableAsync();
    }

    [Fact]
    public async Task CollectGarbageAsync_UsedAgainInBetween_CountsTheGracePeriodAnew()
    {
        var world = await CatalogWorld.CreateAsync();
        await world.Catalog.CollectGarbageAsync(cancellationToken: Token);
        world.Clock.Advance(TimeSpan.FromHours(20));
        var version = await CatalogWorld.RegisterAsync(world.Catalog);
        await world.Catalog.CollectGarbageAsync(cancellationToken: Token);
        await world.Catalog.DeleteVersionAsync("back", version.Version, Token);
        world.Clock.Advance(TimeSpan.FromHours(20));
        Assert.True((await world.Catalog.CollectGarbageAsync(cancellationToken: Token)).WaitingFiles > 0);
    }

    [Fact]
    public async Task CollectGarbageAsync_ReaderOfADeletedVersion_ReadsOnDuringTheGracePeriod()
    {
        var world = await CatalogWorld.CreateAsync();
        var opened = await world.Catalog.OpenAsync((await CatalogWorld.RegisterAsync(world.Catalog)).Address, Token);
        await world.Catalog.DeleteVersionAsync("back", opened.Version.Version, Token);
        await world.Catalog.CollectGarbageAsync(cancellationToken: Token);
        Assert.Equal(600, (await CatalogRows.ReadAsync(opened)).Count);
        await CatalogWorld.CollectAsync(world.Catalog);
        await Assert.ThrowsAsync<StorageException>(() => CatalogRows.ReadAsync(opened));
    }

    [Fact]
    public async Task CollectGarbageAsync_ManifestMissing_DeletesNothing()
    {
        var world = await CatalogWorld.CreateAsync();
        var version = await world.Catalog.ResolveAsync("kept", Token);
        await world.Artifacts.DeleteAsync(CatalogFiles.ManifestPath(version.ManifestId), cancellationToken: Token);
        var before = await world.Artifacts.ListAsync("", Token).ToListAsync(Token);
        var error = await Assert.ThrowsAsync<StorageException>(() => CatalogWorld.CollectAsync(world.Catalog));
        Assert.Contains("kept@1", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await world.Artifacts.ListAsync("", Token).ToListAsync(Token));
        await world.Catalog.DeleteVersionAsync("kept", 1, Token);
        await CatalogWorld.CollectAsync(world.Catalog);
        Assert.Empty(await world.Artifacts.ListAsync("datasets/chunks", Token).ToListAsync(Token));
    }

    /// <summary>A registration that reuses unused chunks stands still at each of its steps while a whole collection runs.</summary>
    [Fact]
    public async Task RegisterAsync_CollectionAtAnyStep_KeepsTheVersionWhole()
    {
        for (var pauseAt = 1; ; pauseAt++)
        {
            var world = await CatalogWorld.CreateAsync();
            var gate = new StepGate(pauseAt);
            var registering = CatalogWorld.RegisterAsync(world.Actor(gate));
            var isEnd = await Task.WhenAny(gate.Paused, registering) == registering;
            await CatalogWorld.CollectAsync(world.Catalog);
            gate.Resume();
            Assert.Equal(2, (await registering).Version);
            await world.AssertWholeAsync();
            await world.AssertCollectableAsync();
            if (!isEnd) continue;
            Assert.InRange(pauseAt, 15, 1000);
            return;
        }
    }

    /// <summary>The same, but the registration stands still for so long that it is given up: then it fails, and says so.</summary>
    [Fact]
    public async Task RegisterAsync_GivenUpAtAnyStep_FailsOrIsWhole()
    {
        var failed = 0;
        for (var (pauseAt, isEnd) = (1, false); !isEnd; pauseAt++)
        {
            var world = await CatalogWorld.CreateAsync();
            var gate = new StepGate(pauseAt);
            var registering = CatalogWorld.RegisterAsync(world.Actor(gate));
            isEnd = await Task.WhenAny(gate.Paused, registering) == registering;
            world.Clock.Advance(TimeSpan.FromHours(2));
            await CatalogWorld.CollectAsync(world.Catalog);
            gate.Resume();
            try
            {
                await registering;
            }
            catch (StorageException error)
            {
                Assert.True(error.IsTransient, error.Message);
                failed++;
            }

            await world.AssertWholeAsync();
            await world.AssertCollectableAsync();
        }

        Assert.InRange(failed, 10, 1000);
    }

    /// <summary>A collection stands still at each of its steps while the chunks it found unused are used again.</summary>
    [Fact]
    public async Task CollectGarbageAsync_RegistrationAtAnyStep_KeepsTheVersionWhole()
    {
        for (var pauseAt = 1; ; pauseAt++)
        {
            var world = await CatalogWorld.CreateAsync();
            var gate = new StepGate(pauseAt);
            var collecting = CatalogWorld.CollectAsync(world.Actor(gate));
            var isEnd = await Task.WhenAny(gate.Paused, collecting) == collecting;
            await CatalogWorld.RegisterAsync(world.Catalog);
            gate.Resume();
            await collecting;
            await world.AssertWholeAsync();
            await world.AssertCollectableAsync();
            if (!isEnd) continue;
            Assert.InRange(pauseAt, 15, 1000);
            return;
        }
    }

    /// <summary>
    /// A collection and a registration of the same chunks stand still, each at any of its steps. Meanwhile the chunks are collected by others, registered again and given up;
    /// then those that stood still go on, in either order.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CollectGarbageAsync_SeveralActorsAtAnySteps_KeepsEveryVersionWhole(bool isCollectorFirst)
    {
        var random = new Random(isCollectorFirst ? 1 : 2);
        for (var first = 1; first <= 24; first++)
        {
            for (var second = 1; second <= 20; second++)
            {
                var world = await CatalogWorld.CreateAsync();
                var (collector, writer) = (new StepGate(first), new StepGate(second));
                Task? registering = null;
                if (!isCollectorFirst) await Task.WhenAny(writer.Paused, registering = CatalogWorld.RegisterAsync(world.Actor(writer)));
                var collecting = CatalogWorld.CollectAsync(world.Actor(collector));
                await Task.WhenAny(collector.Paused, collecting);
                if (isCollectorFirst) await Task.WhenAny(writer.Paused, registering = CatalogWorld.RegisterAsync(world.Actor(writer)));

                if (random.Next(2) == 0) await CatalogWorld.CollectAsync(world.Catalog);
                if (random.Next(2) == 0)
                {
                    var version = await world.Catalog.RegisterAsync("back", CatalogWorld.Deleted, new DatasetRegistration { AlwaysNew = true }, Token);
                    if (random.Next(3) == 0) await world.Catalog.DeleteVersionAsync("back", version.Version, Token);
                    if (random.Next(3) == 0) await CatalogWorld.CollectAsync(world.Catalog);
                }

                var isCollectorSooner = random.Next(2) == 0;
                if (isCollectorSooner) collector.Resume();
                if (isCollectorSooner) await collecting;
                await world.AssertWholeAsync();
                writer.Resume();
                await registering!;
                await world.AssertWholeAsync();
                collector.Resume();
                await collecting;
                await world.AssertWholeAsync();
                await world.AssertCollectableAsync();
            }
        }
    }

    /// <summary>A collection stands still twice; a registration begins during the first time, stands still itself, and ends during the second.</summary>
    [Fact]
    public async Task RegisterAsync_EndsWhileACollectionLooks_KeepsTheVersionWhole()
    {
        for (var first = 6; first <= 14; first++)
        {
            for (var second = first + 1; second <= first + 7; second++)
            {
                for (var middle = 4; middle <= 18; middle++)
                {
                    var world = await CatalogWorld.CreateAsync();
                    var later = new StepGate(second);
                    var (sooner, writer) = (new StepGate(first, turn: later.StepAsync), new StepGate(middle));
                    var collecting = CatalogWorld.CollectAsync(world.Actor(sooner));
                    await Task.WhenAny(sooner.Paused, collecting);
                    var registering = CatalogWorld.RegisterAsync(world.Actor(writer));
                    await Task.WhenAny(writer.Paused, registering);
                    sooner.Resume();
                    await Task.WhenAny(later.Paused, collecting);
                    writer.Resume();
                    await registering;
                    later.Resume();
                    await collecting;
                    await world.AssertWholeAsync();
                    await world.AssertCollectableAsync();
                }
            }
        }
    }

    /// <summary>Two registrations, of which one deletes its version again, and two collections, in orders drawn at random.</summary>
    [Fact]
    public async Task CollectGarbageAsync_RandomOrders_KeepsEveryVersionWhole()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var world = await CatalogWorld.CreateAsync();
            var schedule = new Schedule(seed);
            var actors = Enumerable.Range(0, 4).Select(actor => world.Actor(new StepGate(turn: () => schedule.StepAsync(actor)))).ToArray();
            await schedule.RunAsync(
                CatalogWorld.RegisterAsync(actors[0]),
                RegisterAndDeleteAsync(actors[1]),
                CatalogWorld.CollectAsync(actors[2]),
                CatalogWorld.CollectAsync(actors[3]));
            await world.AssertWholeAsync();
            await world.AssertCollectableAsync();
        }

        static async Task RegisterAndDeleteAsync(DatasetCatalog catalog)
        {
            var version = await catalog.RegisterAsync("other", CatalogWorld.Deleted, cancellationToken: Token);
            await catalog.DeleteVersionAsync("other", version.Version, Token);
        }
    }

    [Fact]
    public async Task RegisterAsync_KilledAtAnyStep_LeavesWhatTheNextCollectionRemoves()
    {
        for (var killAt = 1; ; killAt++)
        {
            var world = await CatalogWorld.CreateAsync();
            var gate = new StepGate(killAt: killAt);
            var isKilled = await IsKilledAsync(CatalogWorld.RegisterAsync(world.Actor(gate)));
            await world.AssertWholeAsync();
            await world.AssertCollectableAsync();
            var version = await CatalogWorld.RegisterAsync(world.Catalog);
            Assert.InRange(version.Version, 2, 2);
            await world.AssertWholeAsync();
            if (isKilled) continue;
            Assert.InRange(killAt, 15, 1000);
            return;
        }
    }

    [Fact]
    public async Task CollectGarbageAsync_KilledAtAnyStep_IsFinishedByTheNext()
    {
        for (var killAt = 1; ; killAt++)
        {
            var world = await CatalogWorld.CreateAsync();
            var gate = new StepGate(killAt: killAt);
            var isKilled = await IsKilledAsync(CatalogWorld.CollectAsync(world.Actor(gate)));
            await world.AssertWholeAsync();
            if (killAt % 2 == 0) await CatalogWorld.RegisterAsync(world.Catalog);
            await world.AssertWholeAsync();
            await world.AssertCollectableAsync();
            if (isKilled) continue;
            Assert.InRange(killAt, 15, 1000);
            return;
        }
    }

    [Fact]
    public async Task RegisterAsync_CollectionsAllTheTime_KeepsEveryVersionWhole()
    {
        var world = await CatalogWorld.CreateAsync();
        var registering = Enumerable.Range(0, 3).Select(actor => Task.Run(async () =>
        {
            var random = new Random(actor);
            for (var i = 0; i < 40; i++)
            {
                var start = random.Next(5) * 100;
                var version = await world.Catalog.RegisterAsync($"busy {actor}", CatalogRows.Trips(Enumerable.Range(start, 500)), new DatasetRegistration { AlwaysNew = true }, Token);
                Assert.Equal(i + 1, version.Version);
                if (random.Next(3) > 0) await world.Catalog.DeleteVersionAsync($"busy {actor}", version.Version, Token);
            }
        })).ToArray();
        var collecting = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!registering.All(task => task.IsCompleted)) await CatalogWorld.CollectAsync(world.Catalog);
        })).ToArray();
        await Task.WhenAll([.. registering, .. collecting]);
        await world.AssertWholeAsync();
        await world.AssertCollectableAsync();
    }

    private static async Task<bool> IsKilledAsync(Task task)
    {
        try
        {
            await task;
            return false;
        }
        catch (KilledException)
        {
            return true;
        }
    }
}
