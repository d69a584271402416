namespace Mlops.Tracking;

/// <summary>Keeps experiments, runs, leases and metrics within this process; its content ends with it.</summary>
/// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
public sealed class InMemoryTrackingStore(TimeProvider? timeProvider = null) : IExperimentStore, IRunStore, IRunLeaseStore, IMetricAppender
{
    private readonly Lock _lock = new();
    private readonly InMemoryExperiments _experiments = new();
    private readonly Dictionary<string, InMemoryRun> _runs = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;

    private DateTimeOffset Now => StoredTime.Now(_time);

    /// <inheritdoc/>
    public Task<Experiment> CreateExperimentAsync(string name, IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckExperiment(name);
        foreach (var (tag, value) in tags ?? new Dictionary<string, string>()) TrackingLimits.CheckExperimentTag(tag, value);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_experiments.Create(name, tags, Now));
    }

    /// <inheritdoc/>
    public Task<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(name, nameof(name));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_experiments.FindByName(name));
    }

    /// <inheritdoc/>
    public Task<Experiment?> FindExperimentByIdAsync(string id, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(id, nameof(id));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_experiments.FindById(id));
    }

    /// <inheritdoc/>
    public Task<Experiment> UpdateExperimentAsync(string id, ExperimentChanges changes, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(id, nameof(id));
        TrackingLimits.Check(changes);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_experiments.Update(id, changes, Now));
    }

    /// <inheritdoc/>
    public Task<Experiment> SetExperimentStageAsync(string id, LifecycleStage stage, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(id, nameof(id));
        RunRules.Check(stage);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_experiments.SetStage(id, stage, Now) is not { } changed) return Task.FromResult(_experiments.FindById(id)!);
            foreach (var run in _runs.Values.Where(run => run.Run.ExperimentId == id)) run.SetStage(stage);
            return Task.FromResult(changed);
        }
    }

    /// <inheritdoc/>
    public Task<Page<Experiment>> SearchExperimentsAsync(ExperimentQuery query, CancellationToken cancellationToken = default)
    {
        var plan = SearchPlan.For(query);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(plan.Find(_experiments.All.Where(experiment => Shows(query.View, experiment.Stage)), ExperimentSearch.Accessor));
    }

    /// <inheritdoc/>
    public Task CreateRunAsync(RunSnapshot run, RunLease? lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        run = RunRules.NameByTag(run);
        RunRules.CheckNew(run);
        RunRules.Check(lease);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var experiment = _experiments.FindById(run.ExperimentId) ?? throw TrackingErrors.ExperimentId(run.ExperimentId);
            if (experiment.Stage == LifecycleStage.Deleted) throw TrackingErrors.ExperimentDeleted(experiment.Name);
            var created = new InMemoryRun(
                run with
                {
                    Status = RunStatus.Running,
                    Stage = LifecycleStage.Active,
                    StartTime = StoredTime.Cut(run.StartTime),
                    EndTime = null,
                    Inputs = [],
                    Metrics = new Dictionary<string, Metric>(),
                },
                lease,
                Now + (lease?.Duration ?? TimeSpan.Zero));
            if (!_runs.TryAdd(run.Id, created)) throw TrackingErrors.RunTaken(run.Id);
            created.Change(new RunChanges { Params = RunRules.Params(run), Tags = [.. run.Tags], Inputs = run.Inputs });
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task UpdateRunAsync(string runId, RunChanges changes, CancellationToken cancellationToken = default)
    {
        changes = RunRules.NameByTag(changes);
        RunRules.Check(runId, changes);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var run = Find(runId);
            if (changes.Origin is { } origin && run.Holds(origin.WriterId, origin.Sequence)) return Task.CompletedTask;
            RunRules.CheckHolder(runId, changes.Holder, run.Holder);
            RunRules.CheckChangeable(run.Run, changes);
            RunRules.CheckParams(runId, changes.Params, run.Run.Params);
            run.Change(changes);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ResumeRunAsync(string runId, RunLease lease, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(runId, nameof(runId));
        ArgumentNullException.ThrowIfNull(lease);
        RunRules.Check(lease);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var run = Find(runId);
            RunRules.CheckResumable(run.Run, run.Owner is not null);
            run.Resume(lease, Now + lease.Duration);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SetRunStageAsync(string runId, LifecycleStage stage, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(runId, nameof(runId));
        RunRules.Check(stage);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) Find(runId).SetStage(stage);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<RunSnapshot?> FindRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(runId, nameof(runId));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_runs.GetValueOrDefault(runId)?.Run);
    }

    /// <inheritdoc/>
    public Task<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        RunRules.Check(query);
        var plan = SearchPlan.For(query);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var ids = new HashSet<string>(query.ExperimentIds, StringComparer.Ordinal);
            foreach (var name in query.Experiments) ids.Add((_experiments.FindByName(name) ?? throw TrackingErrors.Experiment(name)).Id);
            var isAnyWanted = query.Experiments.Count + query.ExperimentIds.Count == 0;
            var runs = _runs.Values.Select(run => run.Run).Where(run => Shows(query.View, run.Stage) && (isAnyWanted || ids.Contains(run.ExperimentId)));
            return Task.FromResult(plan.Find(runs, RunSearch.Accessor));
        }
    }

    /// <inheritdoc/>
    public Task RenewLeasesAsync(IReadOnlyCollection<string> runIds, RunLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runIds);
        ArgumentNullException.ThrowIfNull(lease);
        RunRules.Check(lease);
        foreach (var id in runIds) TrackingLimits.CheckKey(id, nameof(runIds));
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            foreach (var id in runIds)
            {
                if (_runs.TryGetValue(id, out var run) && run.Owner == lease.Owner) run.LeaseEnd = Now + lease.Duration;
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> EndAbandonedRunsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var now = Now;
            InMemoryRun[] abandoned = [.. _runs.Values.Where(run => run.Run.Stage == LifecycleStage.Active && run.Owner is { } owner && (run.LeaseEnd < now || owner.IsKnownDead()))];
            foreach (var run in abandoned) run.Abandon(now);
            return Task.FromResult<IReadOnlyList<string>>([.. abandoned.Select(run => run.Run.Id)]);
        }
    }

    /// <inheritdoc/>
    public Task AppendAsync(IReadOnlyList<MetricBatch> batches, CancellationToken cancellationToken = default)
    {
        RunRules.Check(batches);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            // All are looked at before the first is appended, so that all are or none.
            foreach (var batch in batches)
            {
                var run = Find(batch.RunId);
                if (run.Holds(batch.WriterId, batch.Sequence)) continue;
                RunRules.CheckHolder(batch.RunId, batch.Holder, run.Holder);
                RunRules.CheckAppendable(run.Run);
            }

            foreach (var batch in batches)
            {
                if (Find(batch.RunId) is var run && !run.Holds(batch.WriterId, batch.Sequence)) run.Append(batch);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<Page<Metric>> ReadAsync(MetricQuery query, CancellationToken cancellationToken = default)
    {
        RunRules.Check(query);
        cancellationToken.ThrowIfCancellationRequested();
        var after = MetricPages.Read(query);
        lock (_lock)
        {
            var points = Series(query);
            if (after is { } last) points = points.SkipWhile(point => MetricOrder.Instance.Compare(point, last) <= 0);
            return Task.FromResult(MetricPages.Make(query, [.. points.Take(query.MaxResults + 1)]));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Metric>> SampleAsync(MetricQuery query, int points, CancellationToken cancellationToken = default)
    {
        RunRules.Check(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(MetricSampling.Sample([.. Series(query)], points));
    }

    private static bool Shows(LifecycleView view, LifecycleStage stage)
        => view == LifecycleView.All || (view == LifecycleView.DeletedOnly) == (stage == LifecycleStage.Deleted);

    private IEnumerable<Metric> Series(MetricQuery query) => (_runs.GetValueOrDefault(query.RunId)?.FindSeries(query.Metric) ?? [])
        .Where(point => (query.FromStep is not { } from || point.Step >= from) && (query.ToStep is not { } to || point.Step <= to));

    private InMemoryRun Find(string runId) => _runs.GetValueOrDefault(runId) ?? throw TrackingErrors.Run(runId);
}
