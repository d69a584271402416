using System.Globalization;

namespace Mlops.Tracking;

/// <summary>Translates the order of a search over runs.</summary>
/// <param name="Joins">What is joined to the run <c>r</c>.</param>
/// <param name="Columns">The keys.</param>
internal sealed record RunOrder(string Joins, IReadOnlyList<SearchColumn> Columns)
{
    public string Terms => string.Join(", ", Columns.Select(column => column.Terms));

    /// <summary>Translates keys.</summary>
    /// <param name="statement">Takes the names of params and tags.</param>
    /// <param name="scope">The metrics as numbers.</param>
    /// <param name="keys">The keys.</param>
    public static RunOrder Of(SearchStatement statement, RunSearchScope scope, IEnumerable<SearchOrder> keys)
    {
        var (joins, columns) = ("", new List<SearchColumn>());
        foreach (var (index, key) in keys.Index())
        {
            var alias = string.Create(CultureInfo.InvariantCulture, $"k{index}");
            if (key.Field.Entity == SearchEntity.Attribute)
            {
                columns.Add(OfAttribute(key));
                continue;
            }

            if (key.Field.Entity == SearchEntity.Metric)
            {
                // A metric that no run has makes all of them equal in it.
                if (!scope.Metrics.TryGetValue(key.Field.Key, out var metric))
                {
                    // Not plain literals, which ORDER BY would take for positions.
                    columns.Add(new SearchColumn("(1 + 1)", "(0.0 + 0.0)", SearchColumnKind.Number, key.IsDescending));
                    continue;
                }

                joins += string.Create(CultureInfo.InvariantCulture, $" LEFT JOIN latest_metrics {alias} ON {alias}.run = r.number AND {alias}.name = {metric}");
                columns.Add(new SearchColumn(
                    $"CASE WHEN {alias}.run IS NULL THEN 2 WHEN {alias}.is_nan = 1 THEN 1 ELSE 0 END", $"COALESCE({alias}.value, 0.0)", SearchColumnKind.Number, key.IsDescending));
                continue;
            }

            var table = key.Field.Entity == SearchEntity.Param ? "params" : "tags";
            joins += $" LEFT JOIN {table} {alias} ON {alias}.run = r.number AND {alias}.name = {statement.Add(key.Field.Key)}";
            columns.Add(new SearchColumn($"CASE WHEN {alias}.run IS NULL THEN 2 ELSE 0 END", $"COALESCE({alias}.value, '')", SearchColumnKind.Text, key.IsDescending));
        }

        return new RunOrder(joins, columns);
    }

    private static SearchColumn OfAttribute(SearchOrder key) => key.Field.Key switch
    {
        "run_id" => new SearchColumn(null, "r.id", SearchColumnKind.Text, key.IsDescending),
        "run_name" => new SearchColumn(null, "r.name", SearchColumnKind.Text, key.IsDescending),
        "user_id" => new SearchColumn(null, "r.user_name", SearchColumnKind.Text, key.IsDescending),
        // The same text before each identifier changes nothing of the order.
        "artifact_uri" => new SearchColumn(null, "('runs/' || r.id)", SearchColumnKind.Text, key.IsDescending),
        "start_time" => new SearchColumn(null, "r.start_time", SearchColumnKind.Whole, key.IsDescending),
        "end_time" => new SearchColumn("CASE WHEN r.end_time IS NULL THEN 2 ELSE 0 END", "COALESCE(r.end_time, 0)", SearchColumnKind.Whole, key.IsDescending),
        "status" => new SearchColumn(null, StatusText, SearchColumnKind.Text, key.IsDescending),
        _ => throw new InvalidOperationException($"Runs are not ordered by '{key.Field.Key}'."),
    };

    private static string StatusText { get; } = $"CASE r.status {string.Join(' ', Enum.GetValues<RunStatus>().Select(status =>
        string.Create(CultureInfo.InvariantCulture, $"WHEN {(int)status} THEN '{SearchStatusField.ToText(status)}'")))} ELSE '' END";
}
