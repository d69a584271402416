using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>Finds runs in a relational database.</summary>
internal static class RunSearcher
{
    public static async Task<Page<RunSnapshot>> SearchAsync(DbConnection connection, RunQuery query, CancellationToken cancellationToken)
    {
        var start = query.PageToken is null ? 0 : int.Parse(query.PageToken, CultureInfo.InvariantCulture);
        var ids = query.ExperimentIds.Select(ExperimentRow.ToNumber).ToHashSet();
        foreach (var name in query.Experiments)
        {
            var experiment = await ExperimentRow.FindByNameAsync(connection, name, cancellationToken).ConfigureAwait(false) ?? throw TrackingErrors.Experiment(name);
            ids.Add(ExperimentRow.ToNumber(experiment.Id));
        }

        var (joins, order, conditions) = ("", "", "@view = 3 OR r.stage = @view - 1");
        var parameters = new List<(string, object?)> { ("view", (long)query.View), ("limit", query.MaxResults + 1L), ("start", (long)start) };
        if (query.Experiments.Count + query.ExperimentIds.Count > 0) conditions = $"({conditions}) AND r.experiment IN ({string.Join(',', ids)})";
        foreach (var condition in query.Filter.Conditions)
        {
            if (condition.Field is not { Entity: SearchEntity.Attribute, Key: "status" }) throw new NotSupportedException(condition.ToString());
            conditions += " AND r.status = @status";
            parameters.Add(("status", (long)Enum.GetValues<RunStatus>().FirstOrDefault(status => string.Equals(status.ToString(), condition.Value.Text, StringComparison.OrdinalIgnoreCase))));
        }

        for (var i = 0; i < query.OrderBy.Count; i++)
        {
            joins += $" LEFT JOIN latest_metrics m{i} ON m{i}.run = r.number AND m{i}.name = (SELECT id FROM metric_names WHERE name = @m{i})";
            order += $"m{i}.run IS NULL, m{i}.is_nan, m{i}.value {(query.OrderBy[i].IsDescending ? "DESC" : "ASC")}, ";
            parameters.Add(($"m{i}", query.OrderBy[i].Field.Key));
        }

        var rows = await connection.QueryOnceAsync(
            $"{RunRow.Select}{joins} WHERE {conditions} ORDER BY {order}r.start_time DESC, r.id LIMIT @limit OFFSET @start",
            RunRow.Read,
            cancellationToken,
            [.. parameters]).ConfigureAwait(false);
        var hasMore = rows.Count > query.MaxResults;
        if (hasMore) rows.RemoveAt(rows.Count - 1);
        var runs = await RunReader.CompleteAsync(connection, rows, cancellationToken).ConfigureAwait(false);
        return new Page<RunSnapshot>(runs, hasMore ? (start + runs.Count).ToString(CultureInfo.InvariantCulture) : null);
    }
}
