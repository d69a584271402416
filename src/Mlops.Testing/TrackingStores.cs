using Mlops.Tracking;

namespace Mlops.Testing;

/// <summary>Empty tracking stores over one backend, as the conformance suites need them together.</summary>
/// <param name="Experiments">Keeps experiments.</param>
/// <param name="Runs">Keeps runs.</param>
/// <param name="Leases">Keeps leases.</param>
/// <param name="Metrics">Keeps metrics.</param>
public sealed record TrackingStores(IExperimentStore Experiments, IRunStore Runs, IRunLeaseStore Leases, IMetricAppender Metrics)
{
    /// <summary>Creates a run in an experiment, which is created when it does not exist.</summary>
    /// <param name="experiment">The name of the experiment.</param>
    /// <param name="start">When the run starts; 2001-01-01T00:00Z when <see langword="null"/>.</param>
    /// <param name="lease">Which process holds it, and for how long; this one for a century when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run as it was given to the store.</returns>
    public async Task<RunSnapshot> CreateRunAsync(string experiment = "e", DateTimeOffset? start = null, RunLease? lease = null, CancellationToken cancellationToken = default)
    {
        var found = await Experiments.FindExperimentAsync(experiment, cancellationToken)
            ?? await Experiments.CreateExperimentAsync(experiment, null, cancellationToken);
        var run = new RunSnapshot(
            Ids.Create(TimeProvider.System), found.Id, "a run", RunStatus.Running, start ?? new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await Runs.CreateRunAsync(run, lease ?? new RunLease(RunOwner.Current, TimeSpan.FromDays(36525)), cancellationToken);
        return run;
    }
}
