using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The checks and orders that every run store shares.</summary>
internal static class RunRules
{
    /// <summary>What the reason begins with of runs whose processes were gone.</summary>
    public const string LossPrefix = "ProcessLost: ";

    public static void CheckNew(RunSnapshot run)
    {
        ArgumentException.ThrowIfNullOrEmpty(run.Id, nameof(run));
        if (!TrackingLimits.IsHexadecimal(run.Id, 32))
            throw new ArgumentException("The identifier of a run has 32 lower-case hexadecimal digits; make it with Ids.Create.", nameof(run));
        TrackingLimits.CheckRunName(run.Name);
        TrackingLimits.CheckUser(run.User);
        TrackingLimits.Check(new RunChanges { Params = Params(run), Tags = [.. run.Tags], Inputs = run.Inputs });
    }

    /// <summary>Makes MLflow's tag for the name the name, in a new run.</summary>
    public static RunSnapshot NameByTag(RunSnapshot run) => run.Tags.TryGetValue(RunTags.RunName, out var name)
        ? run with { Name = name, Tags = run.Tags.Where(tag => tag.Key != RunTags.RunName).ToDictionary(StringComparer.Ordinal) }
        : run;

    /// <summary>Makes MLflow's tag for the name the name, in changes; the last one counts.</summary>
    public static RunChanges NameByTag(RunChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return changes.Tags.Any(tag => tag.Key == RunTags.RunName)
            ? changes with { Name = changes.Tags.Last(tag => tag.Key == RunTags.RunName).Value, Tags = [.. changes.Tags.Where(tag => tag.Key != RunTags.RunName)] }
            : changes;
    }

    public static void CheckEnd(RunStatus status)
    {
        if (status is not (RunStatus.Finished or RunStatus.Failed or RunStatus.Killed))
            throw new ArgumentOutOfRangeException(nameof(status), status, "A run ends as Finished, Failed or Killed.");
    }

    public static void Check(RunQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        foreach (var name in query.Experiments) TrackingLimits.CheckKey(name, nameof(query));
        foreach (var id in query.ExperimentIds) TrackingLimits.CheckKey(id, nameof(query));
    }

    public static void Check(MetricQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        TrackingLimits.CheckKey(query.RunId, nameof(query));
        TrackingLimits.CheckKey(query.Metric, nameof(query));
        ArgumentOutOfRangeException.ThrowIfLessThan(query.MaxResults, 1, $"{nameof(query)}.{nameof(query.MaxResults)}");
    }

    public static void Check(IReadOnlyList<MetricBatch> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        foreach (var batch in batches) Check(batch);
    }

    public static void Check(string runId, RunChanges changes)
    {
        TrackingLimits.CheckKey(runId, nameof(runId));
        TrackingLimits.Check(changes);
        foreach (var (tag, value) in changes.Tags) CheckParent(runId, tag, value);
    }

    /// <summary>Checks that a run belongs to the handle in whose name something is written; in the name of none, anybody may.</summary>
    public static void CheckHolder(string runId, string? writes, string holds)
    {
        if (writes is not null && writes != holds) throw TrackingErrors.RunLost(runId);
    }

    /// <summary>Checks that a run takes changes.</summary>
    public static void CheckChangeable(RunSnapshot run, RunChanges changes)
    {
        if (run.Stage == LifecycleStage.Deleted) throw TrackingErrors.RunDeleted(run.Id, "a change");
        if (!HasEnded(run.Status)) return;
        if (run.Status == RunStatus.Killed) return;
        if (changes.End is not null) throw TrackingErrors.Ended(run.Id, "ending it", run.Status);
        if (changes.Params.Count > 0) throw TrackingErrors.Ended(run.Id, "a param", run.Status);
        if (changes.Inputs.Count > 0) throw TrackingErrors.Ended(run.Id, "an input", run.Status);
    }

    /// <summary>Checks that a run takes a batch that it does not hold yet.</summary>
    public static void CheckAppendable(RunSnapshot run)
    {
        if (run.Stage == LifecycleStage.Deleted) throw TrackingErrors.RunDeleted(run.Id, "a metric");
        if (run.Status is RunStatus.Finished or RunStatus.Failed) throw TrackingErrors.Ended(run.Id, "a metric", run.Status);
    }

    /// <summary>Checks that a run can be resumed.</summary>
    public static void CheckResumable(RunSnapshot run, bool isHeld)
    {
        if (run.Stage == LifecycleStage.Deleted) throw TrackingErrors.RunDeleted(run.Id, "resuming it");
        if (isHeld) throw TrackingErrors.RunHeld(run.Id);
    }

    public static void Check(LifecycleStage stage)
    {
        if (stage is not (LifecycleStage.Active or LifecycleStage.Deleted)) throw new ArgumentOutOfRangeException(nameof(stage), stage, "The stage is Active or Deleted.");
    }

    public static void Check(RunLease? lease)
    {
        if (lease is null) return;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease.Duration, TimeSpan.Zero, $"{nameof(lease)}.{nameof(lease.Duration)}");
        TrackingLimits.CheckHolder(lease.Holder);
    }

    public static bool HasEnded(RunStatus status) => status is RunStatus.Finished or RunStatus.Failed or RunStatus.Killed;

    /// <summary>Checks that params agree with each other and with the run's.</summary>
    public static void CheckParams(string runId, IReadOnlyList<Param> added, IReadOnlyDictionary<string, string> present)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var param in added)
        {
            if (present.TryGetValue(param.Name, out var value) || seen.TryGetValue(param.Name, out value))
            {
                if (value != param.Value) throw TrackingErrors.Param(runId, param.Name);
            }
            else
            {
                seen.Add(param.Name, param.Value);
            }
        }
    }

    public static IReadOnlyList<Param> Params(RunSnapshot run) => [.. run.Params.Select(param => new Param(param.Key, param.Value))];

    /// <summary>Checks that a run is not said to be a part of itself.</summary>
    public static void CheckParent(string runId, string tag, string value)
    {
        if (tag == RunTags.ParentRunId && value == runId)
            throw new ArgumentException($"The run '{runId}' cannot be a part of itself; set '{RunTags.ParentRunId}' to the run that it is a part of, or leave it away.", nameof(value));
    }

    /// <summary>Says why a run was ended that its process did not end.</summary>
    /// <param name="owner">The process.</param>
    /// <param name="leaseEnd">When its lease ended; <see langword="null"/> when it is known to be gone.</param>
    public static string DescribeLoss(RunOwner owner, DateTimeOffset? leaseEnd) => string.Create(
        CultureInfo.InvariantCulture,
        $"{LossPrefix}process {owner.ProcessId} on '{owner.Host}', which held the run, {(leaseEnd is { } end ? $"did not renew its lease, which ended at {end.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z" : "is gone")}.");

    public static bool IsSame(DatasetInput a, DatasetInput b)
        => a.Dataset.Name == b.Dataset.Name && a.Dataset.Digest == b.Dataset.Digest && a.Context == b.Context;

    private static void Check(MetricBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        TrackingLimits.CheckKey(batch.RunId, nameof(batch));
        TrackingLimits.CheckWriter(batch.WriterId);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.Sequence, 1, $"{nameof(batch)}.{nameof(batch.Sequence)}");
        var last = "";
        foreach (ref readonly var metric in batch.Metrics.Span)
        {
            TrackingLimits.CheckTimestamp(metric.Timestamp);
            // The same name usually follows itself.
            if (ReferenceEquals(metric.Name, last)) continue;
            TrackingLimits.CheckMetric(metric.Name);
            last = metric.Name;
        }
    }
}
