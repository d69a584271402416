using Mlops.Artifacts;
using Mlops.State;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Tracking.PostgreSql.Tests;

public sealed class PostgreSqlExperimentStoreTests(PostgreSqlServer server) : ExperimentStoreConformance, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync() => _schema.OpenStoresAsync();
}

public sealed class PostgreSqlRunStoreTests(PostgreSqlServer server) : RunStoreConformance, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync() => _schema.OpenStoresAsync();
}

public sealed class PostgreSqlRunSearchTests(PostgreSqlServer server) : RunSearchConformance, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync() => _schema.OpenStoresAsync();
}

/// <summary>The ways of searches among many runs, taken with few.</summary>
public sealed class PostgreSqlRunSearchAmongManyTests(PostgreSqlServer server) : RunSearchConformance, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override async Task<TrackingStores> CreateAsync()
    {
        var database = await _schema.OpenDatabaseAsync();
        var limits = new RunSearchLimits { FewRuns = 0, FirstStretch = 3, SecondStretch = 5, Promising = 1000, SortableRuns = 0 };
        return new TrackingStores(
            new RelationalExperimentStore(database), new RelationalRunStore(database) { SearchLimits = limits }, new RelationalRunLeaseStore(database), new RelationalMetricAppender(database));
    }
}

public sealed class PostgreSqlRunLeaseStoreTests(PostgreSqlServer server) : RunLeaseStoreConformance, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync(TimeProvider timeProvider) => _schema.OpenStoresAsync(timeProvider);
}

public sealed class PostgreSqlMetricAppenderTests(PostgreSqlServer server) : MetricAppenderConformance, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override Task<TrackingStores> CreateAsync() => _schema.OpenStoresAsync();
}

public sealed class PostgreSqlModelRegistryTests(PostgreSqlServer server) : ModelRegistryConformance, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override async Task<IModelRegistry> CreateAsync() => new RelationalModelRegistry(await _schema.OpenDatabaseAsync());
}

public sealed class PostgreSqlCachedModelResolverTests(PostgreSqlServer server) : CachedModelResolverSuite, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override async Task<(IModelRegistry First, IModelRegistry Second)> CreateAsync()
    {
        // Looking again would take so long that only a notification can tell.
        var options = new RegistryOptions { PollInterval = TimeSpan.FromMinutes(10), MaxCacheAge = TimeSpan.FromMinutes(10) };
        return (new RelationalModelRegistry(await _schema.OpenDatabaseAsync(), options), new RelationalModelRegistry(await _schema.OpenDatabaseAsync(), options));
    }

    protected override async Task SettleAsync(IModelRegistry registry, long? version)
    {
        // A notification is on its way for a moment, and so is the connection that hears of it.
        while (await ((IRegistryVersion)registry).ReadVersionAsync(TestContext.Current.CancellationToken) is var now && (now is null || now == version))
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }
}

public sealed class PostgreSqlStateStoreTests(PostgreSqlServer server) : StateStoreConformance, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override async Task<IStateStore> CreateAsync(TimeProvider timeProvider) => new RelationalStateStore(await _schema.OpenDatabaseAsync(), timeProvider);
}

public sealed class PostgreSqlTrackerTests(PostgreSqlServer server) : TrackerConformance, IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    protected override async Task<(ITracker Tracker, IArtifactStore Artifacts)> CreateAsync()
    {
        var tracking = await _schema.OpenTrackingAsync();
        return (tracking.Tracker, tracking.Artifacts);
    }
}
