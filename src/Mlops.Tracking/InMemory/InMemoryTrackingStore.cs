using System.Globalization;
using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>Keeps experiments, runs, leases and metrics within this process; its content ends with it.</summary>
/// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
public sealed class InMemoryTrackingStore(TimeProvider? timeProvider = null) : IExperimentStore, IRunStore, IRunLeaseStore, IMetricAppender
{
    private readonly Lock _lock = new();
    private readonly List<Experiment> _experiments = [];
    private readonly Dictionary<string, Entry> _runs = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    public Task<Experiment> CreateExperimentAsync(string name, IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckExperiment(name);
        if (tags is not null) TrackingLimits.CheckTags(tags);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_experiments.Exists(experiment => experiment.Name == name)) throw TrackingErrors.ExperimentTaken(name);
            // Counted from 1: 0 is the default experiment of MLflow.
            var id = (_experiments.Count + 1).ToString(CultureInfo.InvariantCulture);
            var created = new Experiment(id, name, LifecycleStage.Active, RegistryRules.Milliseconds(_time.GetUtcNow())) { Tags = Copy(tags) };
            _experiments.Add(created);
            return Task.FromResult(created);
        }
    }

    /// <inheritdoc/>
    public Task<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_experiments.Find(experiment => experiment.Name == name));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Experiment> ListExperimentsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        Experiment[] experiments;
        lock (_lock) experiments = [.. _experiments.Where(experiment => experiment.Stage == LifecycleStage.Active)];
        foreach (var experiment in experiments)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return experiment;
        }
    }

    /// <inheritdoc/>
    public Task CreateRunAsync(RunSnapshot run, RunOwner owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(owner);
        RunRules.CheckNew(run);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_experiments.Exists(experiment => experiment.Id == run.ExperimentId)) throw TrackingErrors.ExperimentId(run.ExperimentId);
            var entry = new Entry(run with { Status = RunStatus.Running, StartTime = RegistryRules.Milliseconds(run.StartTime), EndTime = null, Metrics = new Dictionary<string, Metric>() }, owner, _runs.Count);
            if (!_runs.TryAdd(run.Id, entry)) throw TrackingErrors.RunTaken(run.Id);
            entry.Add(new RunChanges { Params = RunRules.Params(run), Tags = [.. run.Tags], Inputs = run.Inputs });
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task UpdateRunAsync(string runId, RunChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        ArgumentNullException.ThrowIfNull(changes);
        TrackingLimits.Check(changes);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var entry = FindRunning(runId, "a change");
            RunRules.CheckParams(runId, changes.Params, entry.Run.Params);
            entry.Add(changes);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task EndRunAsync(string runId, RunStatus status, DateTimeOffset endTime, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        RunRules.CheckEnd(status);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) FindRunning(runId, "ending it").End(status, endTime);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<RunSnapshot?> FindRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_runs.GetValueOrDefault(runId)?.Run);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RunSnapshot> SearchRunsAsync(RunQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RunRules.Check(query);
        await Task.CompletedTask.ConfigureAwait(false);
        RunSnapshot[] found;
        lock (_lock) found = [.. Search(query)];
        foreach (var run in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return run;
        }
    }

    /// <inheritdoc/>
    public Task RenewLeasesAsync(IReadOnlyCollection<string> runIds, DateTimeOffset expiresAt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runIds);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            foreach (var id in runIds)
            {
                if (_runs.TryGetValue(id, out var entry)) entry.LeaseExpiresAt = expiresAt;
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> EndAbandonedRunsAsync(DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Entry[] abandoned = [.. _runs.Values.Where(entry => entry.Run.Status == RunStatus.Running && (entry.LeaseExpiresAt < now || entry.Owner.IsKnownDead()))];
            foreach (var entry in abandoned) entry.End(RunStatus.Killed, now);
            return Task.FromResult<IReadOnlyList<string>>([.. abandoned.Select(entry => entry.Run.Id)]);
        }
    }

    /// <inheritdoc/>
    public Task AppendAsync(MetricBatch batch, CancellationToken cancellationToken = default)
    {
        RunRules.Check(batch);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_runs.TryGetValue(batch.RunId, out var entry)) throw TrackingErrors.Run(batch.RunId);
            if (entry.Batches.Contains((batch.WriterId, batch.Sequence))) return Task.CompletedTask;
            if (entry.Run.Status != RunStatus.Running) throw TrackingErrors.Ended(batch.RunId, "a metric", entry.Run.Status);
            entry.Append(batch);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Metric> ReadAsync(string runId, string metric, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        ArgumentException.ThrowIfNullOrEmpty(metric);
        await Task.CompletedTask.ConfigureAwait(false);
        Metric[] series;
        lock (_lock) series = _runs.TryGetValue(runId, out var entry) && entry.Series.TryGetValue(metric, out var points) ? [.. points] : [];
        foreach (var point in series)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return point;
        }
    }

    private static Dictionary<string, string> Copy(IReadOnlyDictionary<string, string>? tags)
        => tags is null ? new(StringComparer.Ordinal) : new(tags, StringComparer.Ordinal);

    private Entry FindRunning(string runId, string attempted)
    {
        if (!_runs.TryGetValue(runId, out var entry)) throw TrackingErrors.Run(runId);
        return entry.Run.Status == RunStatus.Running ? entry : throw TrackingErrors.Ended(runId, attempted, entry.Run.Status);
    }

    private IEnumerable<RunSnapshot> Search(RunQuery query)
    {
        var experiment = _experiments.Find(experiment => experiment.Name == query.Experiment) ?? throw TrackingErrors.Experiment(query.Experiment);
        var runs = _runs.Values
            .Where(entry => entry.Run.ExperimentId == experiment.Id && entry.Run.Stage == LifecycleStage.Active && (query.Status is null || entry.Run.Status == query.Status));
        var latestFirst = query.OrderByMetric is not { } metric
            ? runs.OrderByDescending(entry => entry.Run.StartTime)
            : runs.OrderBy(entry => RunRules.Rank(entry.Run, metric))
                .ThenBy(entry => RunRules.Key(entry.Run, metric, query.Direction))
                .ThenByDescending(entry => entry.Run.StartTime);
        return latestFirst.ThenByDescending(entry => entry.Number).Take(query.MaxResults).Select(entry => entry.Run);
    }

    private sealed class Entry(RunSnapshot run, RunOwner owner, int number)
    {
        public RunSnapshot Run { get; private set; } = run;

        public RunOwner Owner => owner;

        public int Number => number;

        public DateTimeOffset? LeaseExpiresAt { get; set; }

        public HashSet<(string Writer, long Sequence)> Batches { get; } = [];

        public Dictionary<string, SortedSet<Metric>> Series { get; } = new(StringComparer.Ordinal);

        public void Add(RunChanges changes)
        {
            var (parameters, tags, inputs) = (Copy(Run.Params), Copy(Run.Tags), new List<DatasetInput>(Run.Inputs));
            foreach (var param in changes.Params) parameters[param.Name] = param.Value;
            foreach (var (name, value) in changes.Tags) tags[name] = value;
            foreach (var input in changes.Inputs)
            {
                if (!inputs.Exists(known => RunRules.IsSame(known, input))) inputs.Add(input);
            }

            Run = Run with { Params = parameters, Tags = tags, Inputs = inputs };
        }

        public void Append(MetricBatch batch)
        {
            var latest = new Dictionary<string, Metric>(Run.Metrics, StringComparer.Ordinal);
            foreach (var metric in batch.Metrics.Span)
            {
                var point = metric with { Timestamp = RegistryRules.Milliseconds(metric.Timestamp) };
                if (!Series.TryGetValue(point.Name, out var series)) Series[point.Name] = series = new SortedSet<Metric>(MetricOrder.Instance);
                series.Add(point);
                latest[point.Name] = series.Max;
            }

            Batches.Add((batch.WriterId, batch.Sequence));
            Run = Run with { Metrics = latest };
        }

        public void End(RunStatus status, DateTimeOffset endTime)
        {
            Run = Run with { Status = status, EndTime = RegistryRules.Milliseconds(endTime) };
            LeaseExpiresAt = null;
        }
    }
}
