using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>Finds models and versions in a relational database.</summary>
internal static class RegistrySearcher
{
    public static async Task<Page<RegisteredModel>> FindModelsAsync(DbConnection connection, RelationalDialect dialect, SearchPlan plan, CancellationToken cancellationToken)
    {
        var statement = new SearchStatement(dialect);
        var conditions = new List<string> { "1 = 1" };
        if (RegistryRules.HidesPrompts(plan))
            conditions.Add("NOT EXISTS (SELECT 1 FROM model_tags t WHERE t.model = m.id AND t.name = 'mlflow.prompt.is_prompt' AND t.value = 'true')");
        conditions.AddRange(plan.Conditions.Select(condition => condition.Field.Entity == SearchEntity.Tag
            ? $"EXISTS (SELECT 1 FROM model_tags t WHERE t.model = m.id AND t.name = {statement.Add(condition.Field.Key)} AND {statement.Text("t.value", condition)})"
            : statement.Text("m.name", condition)));
        var rows = await FindAsync(connection, statement, plan, $"SELECT {ModelRow.Columns} FROM registered_models m", conditions, ModelRow.Read, cancellationToken).ConfigureAwait(false);
        var hasMore = Cut(rows, plan);
        var models = await ModelRow.CompleteAsync(connection, rows, cancellationToken).ConfigureAwait(false);
        return new Page<RegisteredModel>(models, hasMore ? plan.CreateToken(Keys(plan, models[^1], ModelSearch.Accessor)) : null);
    }

    public static async Task<Page<ModelVersion>> FindVersionsAsync(DbConnection connection, RelationalDialect dialect, SearchPlan plan, CancellationToken cancellationToken)
    {
        var statement = new SearchStatement(dialect);
        var conditions = new List<string> { "v.is_deleted = 0" };
        conditions.AddRange(plan.Conditions.Select(condition => condition.Field switch
        {
            { Entity: SearchEntity.Tag }
                => $"EXISTS (SELECT 1 FROM version_tags t WHERE t.model = v.model AND t.version = v.version AND t.name = {statement.Add(condition.Field.Key)} AND {statement.Text("t.value", condition)})",
            { Key: "name" } => statement.Text("m.name", condition),
            { Key: "source_path" } => statement.Text("v.source", condition),
            { Key: "run_id" } => statement.Text("v.run_id", condition),
            _ => statement.Whole("v.version", condition),
        }));
        var rows = await FindAsync(
            connection, statement, plan, $"SELECT {VersionRow.Columns}{VersionRow.From}", conditions, reader => (reader.GetInt64(11), VersionRow.Read(reader)), cancellationToken).ConfigureAwait(false);
        var hasMore = Cut(rows, plan);
        var versions = await VersionRow.CompleteAsync(connection, rows, cancellationToken).ConfigureAwait(false);
        return new Page<ModelVersion>(versions, hasMore ? plan.CreateToken(Keys(plan, versions[^1], ModelVersionSearch.Accessor)) : null);
    }

    private static Task<List<T>> FindAsync<T>(
        DbConnection connection, SearchStatement statement, SearchPlan plan, string select, List<string> conditions, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        SearchColumn[] columns = [.. plan.Order.Select(key => ToColumn(key, isOfVersions: select.Contains(VersionRow.From, StringComparison.Ordinal)))];
        if (plan.After is { } after) conditions.Add($"({statement.After(columns, after)})");
        var limit = statement.Add(plan.MaxResults + 1L);
        return connection.QueryOnceAsync(
            $"{select} WHERE {string.Join(" AND ", conditions)} ORDER BY {string.Join(", ", columns.Select(column => column.Terms))} LIMIT {limit}",
            read,
            cancellationToken,
            statement.Parameters);
    }

    // No field of these is ever absent.
    private static SearchColumn ToColumn(SearchOrder key, bool isOfVersions) => (key.Field.Key, isOfVersions) switch
    {
        ("name", _) => new SearchColumn(null, "m.name", SearchColumnKind.Text, key.IsDescending),
        ("last_updated_timestamp", false) => new SearchColumn(null, "m.last_updated_at", SearchColumnKind.Whole, key.IsDescending),
        ("last_updated_timestamp", true) => new SearchColumn(null, "v.last_updated_at", SearchColumnKind.Whole, key.IsDescending),
        ("creation_timestamp", true) => new SearchColumn(null, "v.created_at", SearchColumnKind.Whole, key.IsDescending),
        ("version_number", true) => new SearchColumn(null, "v.version", SearchColumnKind.Whole, key.IsDescending),
        _ => throw new InvalidOperationException($"Registered things are not ordered by '{key.Field.Key}'."),
    };

    private static bool Cut<T>(List<T> rows, SearchPlan plan)
    {
        if (rows.Count <= plan.MaxResults) return false;
        rows.RemoveAt(rows.Count - 1);
        return true;
    }

    private static SearchKey[] Keys<T>(SearchPlan plan, T last, ISearchAccessor<T> accessor) => [.. plan.Order.Select(key => accessor.Read(last, key.Field))];
}
