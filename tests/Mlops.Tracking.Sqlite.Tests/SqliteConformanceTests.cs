using Mlops.Artifacts;
using Mlops.State;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class SqliteExperimentStoreTests : ExperimentStoreConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync() => Task.FromResult(_file.OpenStores());
}

public sealed class SqliteRunStoreTests : RunStoreConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync() => Task.FromResult(_file.OpenStores());
}

public sealed class SqliteRunSearchTests : RunSearchConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync() => Task.FromResult(_file.OpenStores());
}

/// <summary>The ways of searches among many runs, taken with few.</summary>
public sealed class SqliteRunSearchAmongManyTests : RunSearchConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync()
        => Task.FromResult(_file.OpenStores(new RunSearchLimits { FewRuns = 2, FirstStretch = 5, SecondStretch = 7, Promising = 4, SortableRuns = 6 }));
}

/// <summary>The walk along the order to its end, against sets, taken with few runs.</summary>
public sealed class SqliteRunSearchAgainstSetsTests : RunSearchConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync()
        => Task.FromResult(_file.OpenStores(new RunSearchLimits { FewRuns = 0, FirstStretch = 3, SecondStretch = 3, Promising = 1000, SortableRuns = 0 }));
}

public sealed class SqliteRunLeaseStoreTests : RunLeaseStoreConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync(TimeProvider timeProvider) => Task.FromResult(_file.OpenStores(timeProvider: timeProvider));
}

public sealed class SqliteMetricAppenderTests : MetricAppenderConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync() => Task.FromResult(_file.OpenStores());
}

public sealed class SqliteModelRegistryTests : ModelRegistryConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<IModelRegistry> CreateAsync() => Task.FromResult<IModelRegistry>(new RelationalModelRegistry(_file.OpenDatabase()));
}

public sealed class SqliteCachedModelResolverTests : CachedModelResolverSuite, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<(IModelRegistry First, IModelRegistry Second)> CreateAsync()
        => Task.FromResult<(IModelRegistry, IModelRegistry)>((new RelationalModelRegistry(_file.OpenDatabase()), new RelationalModelRegistry(_file.OpenDatabase())));
}

public sealed class SqliteStateStoreTests : StateStoreConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<IStateStore> CreateAsync(TimeProvider timeProvider) => Task.FromResult<IStateStore>(new RelationalStateStore(_file.OpenDatabase(), timeProvider));
}

public sealed class SqliteTrackerTests : TrackerConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override async Task<(ITracker Tracker, IArtifactStore Artifacts)> CreateAsync()
    {
        var tracking = await _file.OpenTrackingAsync();
        return (tracking.Tracker, tracking.Artifacts);
    }
}
