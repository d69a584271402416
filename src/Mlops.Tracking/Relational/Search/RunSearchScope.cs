using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>What a search over runs looks at: the experiments and metrics of its query as numbers.</summary>
/// <param name="Experiments">The numbers of the experiments; <see langword="null"/> for all.</param>
/// <param name="Metrics">The numbers of the metrics it names; those that no run has are absent.</param>
internal sealed record RunSearchScope(IReadOnlyList<long>? Experiments, IReadOnlyDictionary<string, long> Metrics)
{
    public static async Task<RunSearchScope> ReadAsync(DbConnection connection, RunQuery query, SearchPlan plan, CancellationToken cancellationToken)
    {
        var experiments = new SortedSet<long>(query.ExperimentIds.Select(ExperimentRow.ToNumber));
        foreach (var name in query.Experiments)
        {
            var found = await connection.QueryAsync("SELECT id FROM experiments WHERE name = @name", reader => reader.GetInt64(0), cancellationToken, ("name", name)).ConfigureAwait(false);
            experiments.Add(found.Count == 1 ? found[0] : throw TrackingErrors.Experiment(name));
        }

        var names = plan.Conditions.Select(condition => condition.Field).Concat(plan.Order.Select(order => order.Field)).Where(field => field.Entity == SearchEntity.Metric).Select(field => field.Key);
        var metrics = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            var found = await connection.QueryAsync("SELECT id FROM metric_names WHERE name = @name", reader => reader.GetInt64(0), cancellationToken, ("name", name)).ConfigureAwait(false);
            if (found.Count == 1) metrics[name] = found[0];
        }

        return new RunSearchScope(query.Experiments.Count + query.ExperimentIds.Count == 0 ? null : [.. experiments], metrics);
    }
}
