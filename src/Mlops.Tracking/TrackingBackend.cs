using Mlops.Artifacts;
using Mlops.State;

namespace Mlops.Tracking;

/// <summary>The stores that belong together: what a <c>Use…</c> call of <see cref="TrackingBuilder"/> chooses.</summary>
/// <param name="owner">What is disposed with it: the database; <see langword="null"/> when there is nothing to dispose.</param>
public sealed class TrackingBackend(IAsyncDisposable? owner = null) : IAsyncDisposable
{
    /// <summary>Gets what keeps experiments.</summary>
    public required IExperimentStore Experiments { get; init; }

    /// <summary>Gets what keeps runs.</summary>
    public required IRunStore Runs { get; init; }

    /// <summary>Gets what keeps the leases of running runs.</summary>
    public required IRunLeaseStore Leases { get; init; }

    /// <summary>Gets what keeps metrics.</summary>
    public required IMetricAppender Metrics { get; init; }

    /// <summary>Gets what keeps registered models.</summary>
    public required IModelRegistry Registry { get; init; }

    /// <summary>Gets what keeps shared state.</summary>
    public required IStateStore State { get; init; }

    /// <summary>Gets what keeps files, unless the host has registered an artifact store of its own.</summary>
    public required IArtifactStore Artifacts { get; init; }

    /// <summary>Makes a backend that keeps everything within this process.</summary>
    /// <param name="registry">How the registry notices changes; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <returns>The backend, empty.</returns>
    public static TrackingBackend InMemory(RegistryOptions? registry = null, TimeProvider? timeProvider = null)
    {
        var store = new InMemoryTrackingStore(timeProvider);
        return new TrackingBackend
        {
            Experiments = store,
            Runs = store,
            Leases = store,
            Metrics = store,
            Registry = new InMemoryModelRegistry(registry, timeProvider),
            State = new InMemoryStateStore(timeProvider),
            Artifacts = new InMemoryArtifactStore(),
        };
    }

    /// <summary>Makes a backend over a relational database.</summary>
    /// <param name="database">The database, which is disposed with the backend.</param>
    /// <param name="artifacts">What keeps files.</param>
    /// <param name="registry">How the registry notices changes; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <returns>The backend; the database is opened on first use.</returns>
    public static TrackingBackend Relational(RelationalDatabase database, IArtifactStore artifacts, RegistryOptions? registry = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(artifacts);
        return new TrackingBackend(database)
        {
            Experiments = new RelationalExperimentStore(database, timeProvider),
            Runs = new RelationalRunStore(database),
            Leases = new RelationalRunLeaseStore(database),
            Metrics = new RelationalMetricAppender(database),
            Registry = new RelationalModelRegistry(database, registry, timeProvider),
            State = new RelationalStateStore(database, timeProvider),
            Artifacts = artifacts,
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => owner?.DisposeAsync() ?? ValueTask.CompletedTask;
}
