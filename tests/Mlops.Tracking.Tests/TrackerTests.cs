using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mlops.Artifacts;
using Mlops.State;
using Mlops.Testing;

namespace Mlops.Tracking.Tests;

public sealed class TrackerTests
{
    private static readonly RunOwner s_dead = RunOwner.Current with { ProcessStart = "7" };
    private static readonly TimeSpan s_long = TimeSpan.FromDays(36525);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartRunAsync_LeftBehindRun_IsKilledBeforeTheFirstRunOnly()
    {
        var store = new FaultyStore();
        var stores = new TrackingStores(store.Inner, store, store, store);
        var left = await stores.CreateRunAsync("e", null, new RunLease(s_dead, s_long), Token);
        await using var tracker = store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        Assert.Equal(RunStatus.Killed, (await tracker.GetRunAsync(left.Id, Token)).Status);
        Assert.Equal(RunStatus.Running, (await tracker.GetRunAsync(run.Id, Token)).Status);

        var another = await stores.CreateRunAsync("e", null, new RunLease(s_dead, s_long), Token);
        await (await tracker.StartRunAsync("e", null, Token)).CompleteAsync(cancellationToken: Token);
        Assert.Equal(RunStatus.Running, (await tracker.GetRunAsync(another.Id, Token)).Status);
        Assert.Equal([another.Id], await tracker.RecoverAsync(Token));
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task StartRunAsync_WithoutNames_TellsRunsApart()
    {
        await using var tracker = new FaultyStore().NewTracker();
        var names = new HashSet<string>();
        for (var i = 0; i < 20; i++) names.Add((await tracker.RunAsync("e", _ => Task.CompletedTask, null, Token)).Name);
        Assert.Equal(20, names.Count);
    }

    [Fact]
    public async Task StartRunAsync_RunGoesOn_RenewsItsLeaseEveryThird()
    {
        var time = new ManualTimeProvider();
        var store = new FaultyStore(time);
        await using var tracker = store.NewTracker(new TrackerOptions { LeaseDuration = TimeSpan.FromSeconds(30) }, time);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(store.Renewals);
        var start = time.GetUtcNow();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        time.Advance(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(30), Assert.Single(store.Leases)!.Duration);
        Assert.Equal([start.AddSeconds(40), start.AddSeconds(50)], store.Renewals);
        Assert.Empty(await store.EndAbandonedRunsAsync(Token));
        await run.CompleteAsync(cancellationToken: Token);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(2, store.Renewals.Count);
    }

    [Fact]
    public async Task StartRunAsync_RenewalFails_IsTriedAgainAtTheNextTick()
    {
        var time = new ManualTimeProvider();
        var store = new FaultyStore(time);
        await using var tracker = store.NewTracker(null, time);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        store.Before = _ => throw new InvalidOperationException("unexpected");
        time.Advance(TimeSpan.FromSeconds(10));
        store.Before = _ => Task.CompletedTask;
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Single(store.Renewals);
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task DisposeAsync_RunsGoingOn_EndAsFailedAndNoneCanStart()
    {
        var store = new FaultyStore();
        var tracker = store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        run.LogMetric("m", 1);
        await tracker.DisposeAsync();
        await tracker.DisposeAsync();
        var found = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Failed, 1.0), (found.Status, found.Metrics["m"].Value));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => tracker.StartRunAsync("e", null, Token));
    }

    [Fact]
    public async Task StartRunAsync_TrackerIsDisposedMeanwhile_ThrowsAndEndsTheRun()
    {
        var store = new FaultyStore();
        var tracker = store.NewTracker();
        var (begun, gate) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        store.Before = operation =>
        {
            if (operation != "create") return Task.CompletedTask;
            begun.TrySetResult();
            return gate.Task;
        };
        var starting = tracker.StartRunAsync("e", null, Token);
        await begun.Task;
        var disposing = tracker.DisposeAsync().AsTask();
        // The stores are not closed while a run is being made.
        Assert.False(disposing.IsCompleted);
        gate.SetResult();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => starting);
        await disposing;
        var run = Assert.Single((await store.Inner.SearchRunsAsync(new RunQuery("e"), Token)).Items);
        Assert.Equal(RunStatus.Failed, run.Status);
    }

    [Fact]
    public async Task StartRunAsync_RacingWithDisposal_NeverLeavesARunBehind()
    {
        for (var round = 0; round < 50; round++)
        {
            var store = new FaultyStore();
            var tracker = store.NewTracker();
            var starting = Enumerable.Range(0, 4).Select(_ => Task.Run(
                async () =>
                {
                    for (var i = 0; i < 20; i++) await tracker.StartRunAsync("e", null, Token);
                },
                Token)).ToArray();
            await Task.Run(async () => await tracker.DisposeAsync(), Token);
            foreach (var task in starting)
            {
                if (await Record.ExceptionAsync(() => task) is { } error) Assert.IsType<ObjectDisposedException>(error);
            }

            var runs = (await store.Inner.SearchRunsAsync(new RunQuery(), Token)).Items;
            Assert.All(runs, run => Assert.Equal(RunStatus.Failed, run.Status));
        }
    }

    [Fact]
    public async Task StartRunAsync_RunLeftBehindLater_IsKilledFromTimeToTime()
    {
        var time = new ManualTimeProvider();
        var store = new FaultyStore(time);
        var stores = new TrackingStores(store.Inner, store, store, store);
        await using var tracker = store.NewTracker(new TrackerOptions { LeaseDuration = TimeSpan.FromSeconds(30) }, time);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var left = await stores.CreateRunAsync("e", null, new RunLease(s_dead, s_long), Token);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(RunStatus.Killed, (await tracker.GetRunAsync(left.Id, Token)).Status);
        Assert.Equal(RunStatus.Running, (await tracker.GetRunAsync(run.Id, Token)).Status);
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task StartRunAsync_SystemMetrics_AreLoggedAtTheIntervalUntilTheRunEnds()
    {
        var time = new ManualTimeProvider();
        var store = new FaultyStore(time);
        await using var tracker = store.NewTracker(null, time);
        await using var run = await tracker.StartRunAsync("e", new StartRunOptions { SystemMetricsInterval = TimeSpan.FromSeconds(5) }, Token);
        for (var i = 0; i < 3; i++) time.Advance(TimeSpan.FromSeconds(5));
        var left = await run.CompleteAsync(cancellationToken: Token);
        time.Advance(TimeSpan.FromSeconds(5));
        foreach (var name in new[] { "system/process_cpu_utilization_percentage", "system/process_memory_megabytes", "system/gc_heap_megabytes", "system/gc_gen0_collections" })
            Assert.Equal([0L, 1, 2], await tracker.GetMetricHistoryAsync(run.Id, name, Token).Select(metric => metric.Step).ToListAsync(Token));
        Assert.InRange(left.Metrics["system/process_memory_megabytes"].Value, 1, 1e6);
        Assert.InRange(left.Metrics["system/system_memory_usage_percentage"].Value, 0.1, 100);
        Assert.True(left.Metrics["system/process_cpu_utilization_percentage"].Value >= 0);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => tracker.StartRunAsync("e", new StartRunOptions { SystemMetricsInterval = TimeSpan.Zero }, Token));
    }

    [Fact]
    public void Constructor_OptionsOutOfRange_Throws()
    {
        var store = new FaultyStore();
        Assert.Throws<ArgumentOutOfRangeException>(() => store.NewTracker(new TrackerOptions { BufferCapacity = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.NewTracker(new TrackerOptions { LeaseDuration = TimeSpan.Zero }));
    }

    [Fact]
    public async Task WatchAsync_ChangeMissedInProcess_IsSeenByPolling()
    {
        // Another registry object over the same content stands for another process: no signal, only polling.
        var time = new ManualTimeProvider();
        var resolver = new SwitchingResolver();
        var watch = new RegistryWatch(new RegistryOptions { PollInterval = TimeSpan.FromSeconds(1) }, time);
        await using var versions = watch.WatchAsync(resolver, ModelUri.Parse("models:/m@champion"), Token).GetAsyncEnumerator(Token);
        Assert.True(await versions.MoveNextAsync());
        var next = versions.MoveNextAsync().AsTask();
        resolver.Version = 2;
        resolver.Failures = 1;
        Assert.False(next.IsCompleted);
        while (!next.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(await next);
        Assert.Equal(2, versions.Current.Version);
        Assert.Equal(0, resolver.Failures);
    }

    [Fact]
    public async Task AddTracking_WithoutAStore_ThrowsNamingTheCallToAdd()
    {
        var services = new ServiceCollection();
        services.AddMlops().AddTracking();
        await using var provider = services.BuildServiceProvider();
        foreach (var type in new[] { typeof(ITracker), typeof(IModelRegistry), typeof(IModelResolver), typeof(IStateStore), typeof(IArtifactStore) })
            Assert.Contains("UseInMemory", Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService(type)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddTracking_TwoStores_ThrowsNamingBoth()
    {
        var services = new ServiceCollection();
        var builder = services.AddMlops().AddTracking(t => t.UseInMemory());
        var error = Assert.Throws<InvalidOperationException>(() => builder.AddTracking(t => t.Use(_ => TrackingBackend.InMemory(), "UseElsewhere")));
        Assert.Contains("UseInMemory, and then UseElsewhere", error.Message, StringComparison.Ordinal);
        services.RemoveAll<TrackingBackend>();
        builder.AddTracking(t => t.Use(_ => TrackingBackend.InMemory(), "UseElsewhere"));
        Assert.Contains("UseElsewhere, and then UseInMemory", Assert.Throws<InvalidOperationException>(() => builder.AddTracking(t => t.UseInMemory())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddTracking_Twice_UsesTheLastStoreAndTheHostsArtifacts()
    {
        var artifacts = new InMemoryArtifactStore();
        var services = new ServiceCollection();
        services.AddSingleton<IArtifactStore>(artifacts);
        services.AddMlops().AddTracking().AddTracking(t => t.Configure(o => o.BufferCapacity = 7).UseInMemory());
        await using var provider = services.BuildServiceProvider();
        var tracker = provider.GetRequiredService<ITracker>();
        var left = await tracker.RunAsync("e", run => run.LogArtifactAsync("a", new MemoryStream([1]), Token), null, Token);
        Assert.NotNull(await artifacts.FindAsync($"{left.ArtifactRoot}/a", Token));
        await provider.GetRequiredService<IModelRegistry>().RegisterVersionAsync("m", new NewModelVersion("models/m", new string('a', 64)), Token);
        var resolver = Assert.IsType<CachedModelResolver>(provider.GetRequiredService<IModelResolver>());
        Assert.Equal(1, (await resolver.ResolveAsync(ModelUri.Parse("models:/m/latest"), Token)).Version);
        Assert.Same(tracker, provider.GetRequiredService<Tracker>());
        Assert.NotNull(await provider.GetRequiredService<IRunStore>().FindRunAsync(left.Id, Token));
    }

    private sealed class SwitchingResolver : IModelResolver
    {
        public int Version { get; set; } = 1;

        public int Failures { get; set; }

        public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
            => Failures-- > 0 ? throw FaultyStore.Passing() : Resolve(uri);

        public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        private Task<ModelVersion> Resolve(ModelUri uri)
        {
            Failures = 0;
            return Task.FromResult(new ModelVersion(uri.Name, Version, "s", new string('a', 64), DateTimeOffset.UnixEpoch));
        }
    }
}
