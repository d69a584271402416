using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>Finds experiments in a relational database. There are few of them, so they are read and sorted.</summary>
internal static class ExperimentSearcher
{
    public static async Task<Page<Experiment>> SearchAsync(DbConnection connection, RelationalDialect dialect, SearchPlan plan, CancellationToken cancellationToken)
    {
        var statement = new SearchStatement(dialect);
        var conditions = new List<string>
        {
            plan.View switch
            {
                LifecycleView.ActiveOnly => "e.stage = 0",
                LifecycleView.DeletedOnly => "e.stage = 1",
                _ => "1 = 1",
            },
        };
        conditions.AddRange(plan.Conditions.Select(condition => Translate(statement, condition)));
        SearchColumn[] columns = [.. plan.Order.Select(Column)];
        if (plan.After is { } after) conditions.Add(statement.After(columns, after));
        var sql = string.Create(
            CultureInfo.InvariantCulture,
            $"{ExperimentRow.Select} WHERE {string.Join(" AND ", conditions)} ORDER BY {string.Join(", ", columns.Select(column => column.Terms))} LIMIT {plan.MaxResults + 1}");
        var rows = await connection.QueryOnceAsync(sql, ExperimentRow.Read, cancellationToken, statement.Parameters).ConfigureAwait(false);
        var hasMore = rows.Count > plan.MaxResults;
        if (hasMore) rows.RemoveAt(rows.Count - 1);
        var found = await ExperimentRow.CompleteAsync(connection, rows, cancellationToken).ConfigureAwait(false);
        return new Page<Experiment>(found, hasMore ? plan.CreateToken([.. plan.Order.Select(key => ExperimentSearch.Accessor.Read(found[^1], key.Field))]) : null);
    }

    private static string Translate(SearchStatement statement, SearchCondition condition) => condition.Field switch
    {
        { Entity: SearchEntity.Tag } => $"EXISTS (SELECT 1 FROM experiment_tags f WHERE f.experiment = e.id AND f.name = {statement.Add(condition.Field.Key)} AND {statement.Text("f.value", condition)})",
        { Key: "name" } => statement.Text("e.name", condition),
        { Key: "creation_time" } => statement.Whole("e.created_at", condition),
        { Key: "last_update_time" } => statement.Whole("e.last_updated_at", condition),
        _ => throw new InvalidOperationException($"Experiments are not filtered by {condition.Field}."),
    };

    private static SearchColumn Column(SearchOrder key) => key.Field.Key switch
    {
        "name" => new SearchColumn(null, "e.name", SearchColumnKind.Text, key.IsDescending),
        "creation_time" => new SearchColumn(null, "e.created_at", SearchColumnKind.Whole, key.IsDescending),
        "last_update_time" => new SearchColumn(null, "e.last_updated_at", SearchColumnKind.Whole, key.IsDescending),
        "experiment_id" => new SearchColumn(null, "e.id", SearchColumnKind.Whole, key.IsDescending),
        _ => throw new InvalidOperationException($"Experiments are not ordered by {key.Field}."),
    };
}
