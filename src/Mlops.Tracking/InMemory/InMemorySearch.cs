namespace Mlops.Tracking;

/// <summary>Searches over what a store in memory holds.</summary>
internal static class InMemorySearch
{
    public static Page<Experiment> Experiments(IEnumerable<Experiment> experiments, ExperimentQuery query)
    {
        var found = experiments.Where(experiment => Shows(query.View, experiment.Stage)).OrderByDescending(experiment => experiment.CreatedAt);
        return Page([.. found], query.MaxResults, query.PageToken);
    }

    public static Page<RunSnapshot> Runs(IEnumerable<RunSnapshot> runs, RunQuery query)
    {
        var found = runs.Where(run => Shows(query.View, run.Stage) && query.Filter.Conditions.All(condition => Matches(run, condition))).OrderBy(_ => 0);
        foreach (var order in query.OrderBy)
        {
            var sign = order.IsDescending ? -1 : 1;
            found = found.ThenBy(run => !run.Metrics.TryGetValue(order.Field.Key, out var metric) ? 2 : double.IsNaN(metric.Value) ? 1 : 0)
                .ThenBy(run => run.Metrics.TryGetValue(order.Field.Key, out var metric) && !double.IsNaN(metric.Value) ? sign * metric.Value : 0);
        }

        return Page([.. found.ThenByDescending(run => run.StartTime).ThenBy(run => run.Id, StringComparer.Ordinal)], query.MaxResults, query.PageToken);
    }

    private static bool Shows(LifecycleView view, LifecycleStage stage)
        => view == LifecycleView.All || (view == LifecycleView.DeletedOnly) == (stage == LifecycleStage.Deleted);

    private static bool Matches(RunSnapshot run, SearchCondition condition) => condition.Field switch
    {
        { Entity: SearchEntity.Attribute, Key: "status" } => string.Equals(run.Status.ToString(), condition.Value.Text, StringComparison.OrdinalIgnoreCase),
        _ => throw new NotSupportedException(condition.ToString()),
    };

    private static Page<T> Page<T>(T[] all, int size, string? token)
    {
        var start = token is null ? 0 : int.Parse(token, System.Globalization.CultureInfo.InvariantCulture);
        var end = Math.Min(all.Length, start + size);
        return new Page<T>(all[start..end], end < all.Length ? end.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }
}
