using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Artifacts;

namespace Mlops.Tracking;

/// <summary>Tracks experiments over any stores. Safe for concurrent use.</summary>
/// <remarks>
/// While runs go on, their leases are renewed in the background. Before the first run starts, runs that other processes left behind are ended as
/// <see cref="RunStatus.Killed"/>. Disposing ends the runs that are still going on as <see cref="RunStatus.Failed"/>; the stores stay the caller's.
/// </remarks>
public sealed partial class Tracker : ITracker, IAsyncDisposable
{
    private readonly IExperimentStore _experiments;
    private readonly IRunStore _runs;
    private readonly IRunLeaseStore _leases;
    private readonly IMetricAppender _metrics;
    private readonly IArtifactStore _artifacts;
    private readonly TrackerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, BufferedRun> _live = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _recovering = new(1);
    private readonly SemaphoreSlim _renewing = new(1);
    private readonly ITimer _renewal;
    private bool _recovered;
    private int _disposed;

    /// <summary>Creates a tracker.</summary>
    /// <param name="experiments">Keeps the experiments.</param>
    /// <param name="runs">Keeps the runs.</param>
    /// <param name="leases">Keeps the leases of running runs.</param>
    /// <param name="metrics">Keeps the metrics.</param>
    /// <param name="artifacts">Keeps the files of the runs.</param>
    /// <param name="options">How to buffer and renew; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where background failures are told as well; nowhere when <see langword="null"/>.</param>
    public Tracker(
        IExperimentStore experiments,
        IRunStore runs,
        IRunLeaseStore leases,
        IMetricAppender metrics,
        IArtifactStore artifacts,
        TrackerOptions? options = null,
        TimeProvider? timeProvider = null,
        ILogger<Tracker>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(experiments);
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(leases);
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(artifacts);
        (_experiments, _runs, _leases, _metrics, _artifacts) = (experiments, runs, leases, metrics, artifacts);
        _options = (options ?? new TrackerOptions()).Check();
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<Tracker>.Instance;
        _renewal = _time.CreateTimer(_ => _ = RenewInBackgroundAsync(), null, _options.LeaseDuration / 3, _options.LeaseDuration / 3);
    }

    /// <inheritdoc/>
    public IExperimentStore Experiments => _experiments;

    /// <inheritdoc/>
    public IRunStore Runs => _runs;

    /// <inheritdoc/>
    public IMetricAppender Metrics => _metrics;

    /// <inheritdoc/>
    public async Task<Run> StartRunAsync(string experiment, StartRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        TrackingLimits.CheckExperiment(experiment);
        options ??= new StartRunOptions();
        TrackingLimits.CheckRunName(options.Name);
        TrackingLimits.CheckTags(options.Tags);
        if (!_recovered) await RecoverAsync(cancellationToken).ConfigureAwait(false);
        var owner = await FindOrCreateAsync(experiment, cancellationToken).ConfigureAwait(false);
        var snapshot = Describe(owner, options);
        await _runs.CreateRunAsync(snapshot, new RunLease(RunOwner.Current, _time.GetUtcNow() + _options.LeaseDuration), cancellationToken).ConfigureAwait(false);
        var run = new BufferedRun(snapshot, _runs, _metrics, _artifacts, _options, _time, _logger, ended: id => _live.TryRemove(id, out _));
        _live[run.Id] = run;
        return run;
    }

    /// <inheritdoc/>
    public async Task<Run> ResumeRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        await _runs.ResumeRunAsync(runId, new RunLease(RunOwner.Current, _time.GetUtcNow() + _options.LeaseDuration), cancellationToken).ConfigureAwait(false);
        var snapshot = await _runs.FindRunAsync(runId, cancellationToken).ConfigureAwait(false) ?? throw TrackingErrors.Run(runId);
        var run = new BufferedRun(snapshot, _runs, _metrics, _artifacts, _options, _time, _logger, ended: id => _live.TryRemove(id, out _));
        _live[run.Id] = run;
        return run;
    }

    /// <summary>Ends the runs that other processes left behind, as <see cref="RunStatus.Killed"/>. Happens by itself before the first run starts.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The runs that were ended.</returns>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    public async Task<IReadOnlyList<string>> RecoverAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        await _recovering.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Ours first: this process may have been asleep for longer than its leases.
            await RenewAsync(cancellationToken).ConfigureAwait(false);
            var ended = await _leases.EndAbandonedRunsAsync(_time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            _recovered = true;
            if (ended.Count > 0) LogAbandoned(ended.Count);
            return ended;
        }
        finally
        {
            _recovering.Release();
        }
    }

    /// <summary>Ends the runs of this tracker that are still going on as <see cref="RunStatus.Failed"/>, after writing what they logged.</summary>
    /// <returns>A task that completes when they have ended.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _renewal.DisposeAsync().ConfigureAwait(false);
        List<Exception> errors = [];
        foreach (var run in _live.Values)
        {
            try
            {
                await run.DisposeAsync().ConfigureAwait(false);
            }
            catch (MlopsException error)
            {
                errors.Add(error);
            }
        }

        if (errors.Count == 1) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors[0]);
        if (errors.Count > 1) throw new AggregateException("Several runs could not be ended.", errors);
    }

    private async Task<Experiment> FindOrCreateAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await _experiments.FindExperimentAsync(name, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return found.Stage == LifecycleStage.Active
                    ? found
                    : throw new EntityConflictException("experiment", name, $"The experiment '{name}' is deleted; restore it, or start the run in another one.");
            }

            try
            {
                return await _experiments.CreateExperimentAsync(name, null, cancellationToken).ConfigureAwait(false);
            }
            catch (EntityConflictException)
            {
                // Somebody else has created it since; find theirs.
            }
        }
    }

    private RunSnapshot Describe(Experiment experiment, StartRunOptions options)
    {
        var id = Ids.Create(_time);
        var tags = new Dictionary<string, string>(options.Tags, StringComparer.Ordinal);
        if (options.ParentRunId is not null) tags[RunTags.ParentRunId] = options.ParentRunId;
        return new RunSnapshot(id, experiment.Id, options.Name ?? id[..8], RunStatus.Running, _time.GetUtcNow()) { Tags = tags };
    }

    private Task RenewAsync(CancellationToken cancellationToken)
        => _live.Keys.ToArray() is { Length: > 0 } ids
            ? _leases.RenewLeasesAsync(ids, _time.GetUtcNow() + _options.LeaseDuration, cancellationToken)
            : Task.CompletedTask;

    private async Task RenewInBackgroundAsync()
    {
        // A renewal that takes longer than the interval is not overtaken by the next.
        if (!await _renewing.WaitAsync(0).ConfigureAwait(false)) return;
        try
        {
            await RenewAsync(CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The one place where the background renewal may fail: it is told, and tried again at the next tick.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogRenewalFailed(error);
        }
        finally
        {
            _renewing.Release();
        }
    }
}
