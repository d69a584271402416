using Mlops.Artifacts;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Tracking.Tests;

public sealed class InMemoryExperimentStoreTests : ExperimentStoreConformance
{
    protected override Task<TrackingStores> CreateAsync() => InMemoryStores.CreateAsync();
}

public sealed class InMemoryRunStoreTests : RunStoreConformance
{
    protected override Task<TrackingStores> CreateAsync() => InMemoryStores.CreateAsync();
}

public sealed class InMemoryRunSearchTests : RunSearchConformance
{
    protected override Task<TrackingStores> CreateAsync() => InMemoryStores.CreateAsync();
}

public sealed class InMemoryRunLeaseStoreTests : RunLeaseStoreConformance
{
    protected override Task<TrackingStores> CreateAsync(TimeProvider timeProvider) => InMemoryStores.CreateAsync(timeProvider);
}

public sealed class InMemoryMetricAppenderTests : MetricAppenderConformance
{
    protected override Task<TrackingStores> CreateAsync() => InMemoryStores.CreateAsync();
}

public sealed class InMemoryModelRegistryTests : ModelRegistryConformance
{
    protected override Task<IModelRegistry> CreateAsync() => Task.FromResult<IModelRegistry>(new InMemoryModelRegistry());
}

public sealed class InMemoryCachedModelResolverTests : CachedModelResolverSuite
{
    protected override Task<(IModelRegistry First, IModelRegistry Second)> CreateAsync()
    {
        var registry = new InMemoryModelRegistry();
        return Task.FromResult<(IModelRegistry, IModelRegistry)>((registry, registry));
    }
}

public sealed class InMemoryTrackingTests : TrackerConformance, IAsyncDisposable
{
    private readonly InMemoryTracking _tracking = new();

    public ValueTask DisposeAsync() => _tracking.DisposeAsync();

    protected override Task<(ITracker Tracker, IArtifactStore Artifacts)> CreateAsync()
        => Task.FromResult<(ITracker, IArtifactStore)>((_tracking.Tracker, _tracking.Artifacts));
}

internal static class InMemoryStores
{
    public static Task<TrackingStores> CreateAsync(TimeProvider? timeProvider = null)
    {
        var store = new InMemoryTrackingStore(timeProvider);
        return Task.FromResult(new TrackingStores(store, store, store, store));
    }
}
