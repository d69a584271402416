namespace Mlops.Tracking;

/// <summary>The checks and orders that every run store shares.</summary>
internal static class RunRules
{
    public static void CheckNew(RunSnapshot run)
    {
        ArgumentException.ThrowIfNullOrEmpty(run.Id, nameof(run));
        if (!TrackingLimits.IsHexadecimal(run.Id, 32))
            throw new ArgumentException("The identifier of a run has 32 lower-case hexadecimal digits; make it with Ids.Create.", nameof(run));
        TrackingLimits.CheckRunName(run.Name);
        TrackingLimits.Check(new RunChanges { Params = Params(run), Tags = [.. run.Tags], Inputs = run.Inputs });
    }

    public static void CheckEnd(RunStatus status)
    {
        if (status is not (RunStatus.Finished or RunStatus.Failed or RunStatus.Killed))
            throw new ArgumentOutOfRangeException(nameof(status), status, "A run ends as Finished, Failed or Killed.");
    }

    public static void Check(RunQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentException.ThrowIfNullOrEmpty(query.Experiment, nameof(query));
        ArgumentOutOfRangeException.ThrowIfLessThan(query.MaxResults, 1, nameof(query));
    }

    public static void Check(MetricBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentException.ThrowIfNullOrEmpty(batch.RunId, nameof(batch));
        ArgumentException.ThrowIfNullOrEmpty(batch.WriterId, nameof(batch));
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.Sequence, 1, nameof(batch));
        foreach (ref readonly var metric in batch.Metrics.Span) TrackingLimits.CheckMetric(metric.Name);
    }

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

    public static bool IsSame(DatasetInput a, DatasetInput b)
        => a.Dataset.Name == b.Dataset.Name && a.Dataset.Digest == b.Dataset.Digest && a.Context == b.Context;

    /// <summary>Ranks a run by whether it has a metric: 0 with a number, 1 with NaN, 2 without.</summary>
    public static int Rank(RunSnapshot run, string metric)
        => !run.Metrics.TryGetValue(metric, out var found) ? 2 : double.IsNaN(found.Value) ? 1 : 0;

    /// <summary>Gives what runs of one rank are ordered by, the smallest first.</summary>
    public static double Key(RunSnapshot run, string metric, MetricDirection direction)
    {
        if (!run.Metrics.TryGetValue(metric, out var found) || double.IsNaN(found.Value)) return 0;
        return direction == MetricDirection.Minimize ? found.Value : -found.Value;
    }
}
