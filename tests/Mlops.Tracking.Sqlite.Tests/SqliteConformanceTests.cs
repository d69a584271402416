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

public sealed class SqliteRunLeaseStoreTests : RunLeaseStoreConformance, IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync() => Task.FromResult(_file.OpenStores());
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
