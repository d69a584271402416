using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mlops.Tracking;

/// <summary>Tracks experiments over any stores. Safe for concurrent use.</summary>
/// <remarks>
/// <para>While runs go on, their leases are renewed in the background. Before the first run starts, and from time to time, what trackers of dead processes left in the spool is delivered, and
/// then the runs that other processes left behind are ended as <see cref="RunStatus.Killed"/>.</para>
/// <para>Disposing ends the runs that are still going on as <see cref="RunStatus.Failed"/>; the stores stay the caller's.</para>
/// </remarks>
public sealed partial class Tracker : ITracker, IAsyncDisposable
{
    private const string IdentityKey = "mlops/store";

    private readonly TrackingBackend _backend;
    private readonly IRunStore _runs;
    private readonly TrackerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TrackerWriter _writer;
    private readonly EnvironmentTags _environment;
    private readonly ConcurrentDictionary<BufferedRun, bool> _live = new();
    private readonly RefusedHandles _refused;
    private readonly SemaphoreSlim _recovering = new(1);
    private readonly SemaphoreSlim _renewing = new(1);
    private readonly TrackerLifetime _lifetime = new();
    private readonly ITimer _renewal;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Spool? _spool;
    private int _ticks;
    private bool _recovered;

    /// <summary>Creates a tracker.</summary>
    /// <param name="backend">The stores; they stay the caller's.</param>
    /// <param name="options">How to buffer and renew; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where background failures are told as well; nowhere when <see langword="null"/>.</param>
    /// <param name="meterFactory">Makes the meter; the package has one of its own when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Tracker(TrackingBackend backend, TrackerOptions? options = null, TimeProvider? timeProvider = null, ILogger<Tracker>? logger = null, IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _backend = backend;
        _options = (options ?? new TrackerOptions()).Check();
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger is null ? NullLogger<Tracker>.Instance : new SafeLogger(logger);
        Mask = new SecretMask(_options.Secrets);
        Experiments = MaskingExperimentStore.Of(backend.Experiments, Mask);
        Runs = MaskingRunStore.Of(backend.Runs, Mask);
        // What is logged is masked at once, before it waits in memory or in the spool, and not once more when it is written.
        _runs = MaskingRunStore.Within(backend.Runs);
        _environment = new EnvironmentTags(backend.Artifacts, Mask, problem => LogEnvironmentLost(problem));
        _refused = new RefusedHandles(_runs, _time);
        _writer = new TrackerWriter(_runs, backend.Metrics, _options, _time, _logger, Mask, TrackerTelemetry.Create(meterFactory), _refused);
        _renewal = _time.CreateTimer(_ => _ = TickAsync(), null, _options.LeaseDuration / 3, _options.LeaseDuration / 3);
    }

    /// <inheritdoc/>
    public IExperimentStore Experiments { get; }

    /// <inheritdoc/>
    public IRunStore Runs { get; }

    /// <inheritdoc/>
    public IMetricAppender Metrics => _backend.Metrics;

    internal SecretMask Mask { get; }

    /// <inheritdoc/>
    public Task<Run> StartRunAsync(string experiment, StartRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new StartRunOptions();
        return _lifetime.UseAsync(this, () => CreateAsync(experiment, options, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Run> ResumeRunAsync(string runId, CancellationToken cancellationToken = default)
        => _lifetime.UseAsync(
            this,
            async () =>
            {
                ArgumentException.ThrowIfNullOrEmpty(runId);
                // What was logged to it before comes first, of this process as of dead ones: then it is as it was left, and nothing is late.
                await _writer.DeliverSpoolAsync(cancellationToken).ConfigureAwait(false);
                await RecoverRunsAsync(cancellationToken).ConfigureAwait(false);
                foreach (var handle in _live.Keys.Where(handle => handle.Id == runId)) _refused.Note(handle);
                await _refused.GiveBackAsync(runId, cancellationToken).ConfigureAwait(false);
                var lease = NewLease(Ids.Create(_time));
                await _runs.ResumeRunAsync(runId, lease, cancellationToken).ConfigureAwait(false);
                var snapshot = await _runs.FindRunAsync(runId, cancellationToken).ConfigureAwait(false) ?? throw TrackingErrors.Run(runId);
                return (Run)await HoldAsync(snapshot, lease).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>
    /// Delivers what trackers of dead processes left in the spool, then ends the runs that other processes left behind as <see cref="RunStatus.Killed"/>.
    /// Happens by itself before the first run starts, and from time to time.
    /// </summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The runs that were ended.</returns>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    public Task<IReadOnlyList<string>> RecoverAsync(CancellationToken cancellationToken = default)
        => _lifetime.UseAsync(this, () => RecoverRunsAsync(cancellationToken), cancellationToken);

    /// <summary>Tells how the tracker is doing. Looks into the folder of the spool, as soon as it has asked the store which files of it are the store's: at the first run, recovery or health check.</summary>
    /// <returns>What it holds, what waits, and what is wrong.</returns>
    public TrackerStatus GetStatus()
    {
        _spool?.Survey();
        return _writer.Status;
    }

    /// <summary>Ends the runs of this tracker that are still going on as <see cref="RunStatus.Failed"/>, after writing what they logged.</summary>
    /// <returns>A task that completes when they have ended, for whoever disposes at the same time too; what could not be ended is told to the first.</returns>
    public async ValueTask DisposeAsync()
    {
        // Runs that are being started now are held, and ended below, or are ended by whoever starts them.
        if (!await _lifetime.StopAsync().ConfigureAwait(false))
        {
            await _disposed.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await EndAllAsync().ConfigureAwait(false);
        }
        finally
        {
            _disposed.TrySetResult();
        }
    }

    /// <summary>Asks the store which files in the folder of the spool are its own, so that the status tells of them; of a store that nothing was tracked in, none are. Changes nothing.</summary>
    /// <exception cref="StorageException">The store does not answer.</exception>
    internal async Task FindSpoolAsync(CancellationToken cancellationToken)
    {
        if (_spool is null && _options.Spool.IsEnabled) await TryOpenSpoolAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task EndAllAsync()
    {
        await _renewal.DisposeAsync().ConfigureAwait(false);
        // A renewal, and a delivery of what others left, comes to its end; none follows.
        await _renewing.WaitAsync().ConfigureAwait(false);
        await _recovering.WaitAsync().ConfigureAwait(false);
        var errors = new List<Exception>();
        // All at once, so that they are written together, and a store that is away is waited for once.
        foreach (var ending in _live.Keys.Select(run => run.DisposeAsync().AsTask()).ToArray())
        {
            try
            {
                await ending.ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Every run is ended before the first failure is thrown.
            catch (Exception error)
#pragma warning restore CA1031
            {
                errors.Add(error);
            }
        }

        await _environment.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        if (errors.Count == 1) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors[0]);
        if (errors.Count > 1) throw new AggregateException("Several runs could not be ended.", errors);
    }

    private async Task<Run> CreateAsync(string experiment, StartRunOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        options = NameByTag(options);
        TrackingLimits.CheckExperiment(experiment);
        if (options.ExperimentId is null) Mask.CheckName("an experiment", experiment);
        var preparation = new ValuePreparation(Mask, _options.TruncateLongValues);
        if (options.Name is not null) options = options with { Name = TrackingLimits.CheckRunName(preparation.PrepareName(options.Name, TrackingLimits.RunNameLength)) };
        var tags = preparation.Prepare(options.Tags, TrackingLimits.TagValue);
        TrackingLimits.CheckTags(tags);
        Check(options);
        if (!_recovered) await RecoverRunsAsync(cancellationToken).ConfigureAwait(false);
        var owner = options.ExperimentId is { } id
            ? await FindExperimentAsync(id, cancellationToken).ConfigureAwait(false)
            : await FindOrCreateAsync(experiment, cancellationToken).ConfigureAwait(false);
        var environment = _options.CaptureEnvironment ? _environment.GetAsync() : null;
        var isKnown = environment?.IsCompleted == true;
        if (isKnown)
        {
            foreach (var (name, value) in await environment!.ConfigureAwait(false)) tags.TryAdd(name, value);
        }

        var snapshot = Describe(owner, options, tags);
        var lease = NewLease(Ids.Create(_time));
        await _runs.CreateRunAsync(snapshot, lease, cancellationToken).ConfigureAwait(false);
        var run = await HoldAsync(snapshot, lease).ConfigureAwait(false);
        // Perhaps it has become known meanwhile; the run does not have it for that.
        if (environment is not null && !isKnown) run.AddWhenKnown(environment);
        if (options.SystemMetricsInterval is { } every) run.Sample(every);
        return run;
    }

    private async Task<BufferedRun> HoldAsync(RunSnapshot snapshot, RunLease lease)
    {
        var run = new BufferedRun(snapshot, lease.Holder, _writer, _runs, _backend.Artifacts, _options, Mask, _time, _logger, ended: Forget);
        if (_lifetime.IsStopping)
        {
            try
            {
                await _runs.EndRunAsync(run.Id, RunStatus.Failed, _time.GetUtcNow(), CancellationToken.None).ConfigureAwait(false);
            }
            catch (MlopsException)
            {
                // Where the store cannot be written, the lease, which nobody renews, ends the run.
            }

            throw new ObjectDisposedException(GetType().FullName);
        }

        _live[run] = true;
        _writer.Add(run);
        return run;
    }

    private void Forget(BufferedRun handle)
    {
        _refused.Note(handle);
        _live.TryRemove(handle, out _);
    }

    private RunLease NewLease(string holder = "") => new(_options.Owner ?? RunOwner.Current, _options.LeaseDuration) { Holder = holder };

    private async Task<Experiment> FindExperimentAsync(string id, CancellationToken cancellationToken)
        => CheckActive(await _backend.Experiments.FindExperimentByIdAsync(id, cancellationToken).ConfigureAwait(false) ?? throw TrackingErrors.ExperimentId(id));

    private static Experiment CheckActive(Experiment experiment) => experiment.Stage == LifecycleStage.Active
        ? experiment
        : throw new EntityConflictException("experiment", experiment.Name, $"The experiment '{experiment.Name}' is deleted; restore it, or start the run in another one.");

    private async Task<Experiment> FindOrCreateAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await _backend.Experiments.FindExperimentAsync(name, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return CheckActive(found);
            }

            try
            {
                return await _backend.Experiments.CreateExperimentAsync(name, null, cancellationToken).ConfigureAwait(false);
            }
            catch (EntityConflictException)
            {
                // Somebody else has created it since; find theirs.
            }
        }
    }

    private static void Check(StartRunOptions options)
    {
        if (options.SystemMetricsInterval is { } interval && (interval < TimeSpan.FromMilliseconds(10) || interval > TimerRange.Longest))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), interval, $"{nameof(StartRunOptions)}.{nameof(StartRunOptions.SystemMetricsInterval)} is 10 milliseconds to 49 days; leave it out to log no load.");
        }

        if (options.ParentRunId is not null && string.IsNullOrWhiteSpace(options.ParentRunId))
            throw new ArgumentException($"{nameof(StartRunOptions)}.{nameof(StartRunOptions.ParentRunId)} is empty; give the identifier of the run that this one is a part of, or leave it out.", nameof(options));
    }

    // MLflow's tag for the name is the name.
    private static StartRunOptions NameByTag(StartRunOptions options)
    {
        if (!options.Tags.TryGetValue(RunTags.RunName, out var name)) return options;
        if (options.Name is not null && options.Name != name)
            throw new ArgumentException($"The run has one name in {nameof(StartRunOptions)}.{nameof(StartRunOptions.Name)} and another in the tag '{RunTags.RunName}'; leave one of them away.", nameof(options));
        return options with { Name = name, Tags = options.Tags.Where(tag => tag.Key != RunTags.RunName).ToDictionary(StringComparer.Ordinal) };
    }

    private RunSnapshot Describe(Experiment experiment, StartRunOptions options, Dictionary<string, string> tags)
    {
        var id = Ids.Create(_time);
        if (options.ParentRunId is not null) tags[RunTags.ParentRunId] = options.ParentRunId;
        if (options.Seed is { } seed) tags[RunTags.Seed] = seed.ToString(System.Globalization.CultureInfo.InvariantCulture);

        return new RunSnapshot(id, experiment.Id, options.Name ?? id[^8..], RunStatus.Running, _time.GetUtcNow())
        {
            Tags = tags,
            User = _options.CaptureEnvironment ? Environment.UserName : "",
        };
    }

    private async Task<IReadOnlyList<string>> RecoverRunsAsync(CancellationToken cancellationToken)
    {
        // Ours first: this process may have been asleep for longer than its leases.
        await RenewAsync(cancellationToken).ConfigureAwait(false);
        return await EndAbandonedAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<string>> EndAbandonedAsync(CancellationToken cancellationToken)
    {
        await _recovering.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_options.Spool.IsEnabled)
            {
                await OpenSpoolAsync(cancellationToken).ConfigureAwait(false);
                using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _lifetime.Stopping);
                await _spool!.AdoptAsync((records, keep) => _writer.DeliverAsync(records, keep, stopping.Token)).ConfigureAwait(false);
            }

            var ended = await _backend.Leases.EndAbandonedRunsAsync(cancellationToken).ConfigureAwait(false);
            _recovered = true;
            if (ended.Count > 0) LogAbandoned(ended.Count);
            return ended;
        }
        finally
        {
            _recovering.Release();
        }
    }

    // The store keeps its own identity, so that a copy of a file name or of a connection string is not taken for it.
    private async Task OpenSpoolAsync(CancellationToken cancellationToken)
    {
        while (_spool is null && !await TryOpenSpoolAsync(cancellationToken).ConfigureAwait(false))
            await _backend.State.CompareAndSetAsync(IdentityKey, Encoding.ASCII.GetBytes(Ids.Create(_time)), null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryOpenSpoolAsync(CancellationToken cancellationToken)
    {
        if (await _backend.State.GetAsync(IdentityKey, cancellationToken).ConfigureAwait(false) is not { } entry) return false;
        // Several may come here at once; nothing is opened before something is written.
        _spool = _writer.UseSpool(new Spool(_options.Spool, Encoding.ASCII.GetString(entry.Value.Span), Ids.Create(_time), _writer));
        return true;
    }

    // Not of those that are refused for good, to which nobody here writes any more. Of runs too that have ended, and whose ends wait in the spool: nobody is to take them for abandoned meanwhile.
    private Task RenewAsync(CancellationToken cancellationToken)
        => _live.Keys.Where(run => run.BrokenBy is null).Select(run => run.Id).Concat(_writer.SpooledEnds).Distinct().ToArray() is { Length: > 0 } ids
            ? _backend.Leases.RenewLeasesAsync(ids, NewLease(), cancellationToken)
            : Task.CompletedTask;

    private async Task TickAsync()
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
            LogRenewalFailed(Mask.MaskText(error.ToString()));
        }
        finally
        {
            _renewing.Release();
        }

        await TidyAsync().ConfigureAwait(false);
    }

    // Beside the renewals, which must not wait while what a dead process left is delivered.
    private async Task TidyAsync()
    {
        if (Interlocked.Increment(ref _ticks) % 3 != 0 || !_recovered || _recovering.CurrentCount == 0) return;
        try
        {
            await EndAbandonedAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_lifetime.IsStopping)
        {
            // The tracker is disposed; the next one goes on.
        }
#pragma warning disable CA1031 // As above: told, and tried again.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogRenewalFailed(Mask.MaskText(error.ToString()));
        }
    }
}
