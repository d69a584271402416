using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.State;

namespace Mlops.Tracking.Tests;

/// <summary>Stores in memory that fail, or wait, when a test says so.</summary>
internal sealed class FaultyStore(TimeProvider? time = null) : IRunStore, IMetricAppender, IRunLeaseStore
{
    private readonly ConcurrentDictionary<(string Run, string Writer), long> _known = [];

    public InMemoryTrackingStore Inner { get; } = new(time);

    public InMemoryArtifactStore Artifacts { get; } = new();

    public InMemoryStateStore State { get; } = new(time);

    /// <summary>Decides before each write what happens to it: nothing, an exception, or a wait.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Decides before each update of a run, by its identifier, what happens to it.</summary>
    public Func<string, Task> BeforeUpdate { get; set; } = _ => Task.CompletedTask;

    /// <summary>Gets what cancels the write that is going on.</summary>
    public CancellationToken Cancellation { get; private set; }

    /// <summary>Decides after each append, when it is durable.</summary>
    public Func<Task> AfterAppend { get; set; } = () => Task.CompletedTask;

    /// <summary>Decides which values of params and tags, and which names of metrics, the store cannot keep.</summary>
    public Predicate<string> Refuses { get; set; } = _ => false;

    public ConcurrentQueue<(long Sequence, int Count)> Appended { get; } = [];

    /// <summary>The number of runs in each call of the appender.</summary>
    public ConcurrentQueue<int> RunsPerAppend { get; } = [];

    /// <summary>The changes of runs that were asked for, failed ones included.</summary>
    public ConcurrentQueue<RunChanges> Updates { get; } = [];

    public ConcurrentQueue<RunLease?> Leases { get; } = [];

    public ConcurrentQueue<DateTimeOffset> Renewals { get; } = [];

    public static StorageException Passing() => new("test", "write", "Locked for a while.") { IsTransient = true };

    public static StorageException Lasting() => new("test", "write", "The disk is full.");

    public static StorageException Refused() => new("test", "write", "A value cannot be kept.") { IsContentRefused = true };

    /// <summary>Makes a tracker without a spool and without the environment, unless the options say so.</summary>
    public Tracker NewTracker(TrackerOptions? options = null, TimeProvider? timeProvider = null, ILogger<Tracker>? logger = null)
    {
        options ??= new TrackerOptions();
        options.CaptureEnvironment = false;
        if (options.Spool.Directory is null) options.Spool.IsEnabled = false;
        return new Tracker(Backend(), options, timeProvider, logger);
    }

    public TrackingBackend Backend() => new()
    {
        Experiments = Inner,
        Runs = this,
        Leases = this,
        Metrics = this,
        Registry = new InMemoryModelRegistry(),
        State = State,
        Artifacts = Artifacts,
    };

    public async Task AppendAsync(IReadOnlyList<MetricBatch> batches, CancellationToken cancellationToken = default)
    {
        foreach (var batch in batches) Appended.Enqueue((batch.Sequence, batch.Metrics.Length));
        RunsPerAppend.Enqueue(batches.Select(batch => batch.RunId).Distinct().Count());
        Cancellation = cancellationToken;
        await Before("append");
        // As stores do, which do not look at what is in a batch that they know.
        if (batches.Any(batch => batch.Sequence > _known.GetValueOrDefault((batch.RunId, batch.WriterId)) && batch.Metrics.ToArray().Any(metric => Refuses(metric.Name)))) throw Refused();
        await Inner.AppendAsync(batches, cancellationToken);
        foreach (var batch in batches) _known.AddOrUpdate((batch.RunId, batch.WriterId), batch.Sequence, (_, known) => Math.Max(known, batch.Sequence));
        await AfterAppend();
    }

    public Task<Page<Metric>> ReadAsync(MetricQuery query, CancellationToken cancellationToken = default) => Inner.ReadAsync(query, cancellationToken);

    public Task<IReadOnlyList<Metric>> SampleAsync(MetricQuery query, int points, CancellationToken cancellationToken = default) => Inner.SampleAsync(query, points, cancellationToken);

    public async Task CreateRunAsync(RunSnapshot run, RunLease? lease, CancellationToken cancellationToken = default)
    {
        Leases.Enqueue(lease);
        await Before("create");
        await Inner.CreateRunAsync(run, lease, cancellationToken);
    }

    public async Task UpdateRunAsync(string runId, RunChanges changes, CancellationToken cancellationToken = default)
    {
        Updates.Enqueue(changes);
        var operation = changes.End is null ? "update" : "end";
        Cancellation = cancellationToken;
        await Before(operation);
        await BeforeUpdate(runId);
        if (changes.Params.Any(param => Refuses(param.Value)) || changes.Tags.Any(tag => Refuses(tag.Value))) throw Refused();
        await Inner.UpdateRunAsync(runId, changes, cancellationToken);
        if (operation == "end") await Before("ended");
    }

    public Task ResumeRunAsync(string runId, RunLease lease, CancellationToken cancellationToken = default) => Inner.ResumeRunAsync(runId, lease, cancellationToken);

    public Task SetRunStageAsync(string runId, LifecycleStage stage, CancellationToken cancellationToken = default) => Inner.SetRunStageAsync(runId, stage, cancellationToken);

    public Task<RunSnapshot?> FindRunAsync(string runId, CancellationToken cancellationToken = default) => Inner.FindRunAsync(runId, cancellationToken);

    public Task<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, CancellationToken cancellationToken = default) => Inner.SearchRunsAsync(query, cancellationToken);

    public async Task RenewLeasesAsync(IReadOnlyCollection<string> runIds, RunLease lease, CancellationToken cancellationToken = default)
    {
        await Before("renew");
        Renewals.Enqueue((time ?? TimeProvider.System).GetUtcNow() + lease.Duration);
        await Inner.RenewLeasesAsync(runIds, lease, cancellationToken);
    }

    public Task<IReadOnlyList<string>> EndAbandonedRunsAsync(CancellationToken cancellationToken = default) => Inner.EndAbandonedRunsAsync(cancellationToken);
}
