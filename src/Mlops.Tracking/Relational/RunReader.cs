using System.Data.Common;
using System.Globalization;
using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>Reads what the tables beside <c>runs</c> say about runs.</summary>
internal static class RunReader
{
    // How many runs one statement asks for.
    private const int ChunkSize = 500;

    public static async Task<List<RunSnapshot>> CompleteAsync(DbConnection connection, IReadOnlyList<RunRow> rows, CancellationToken cancellationToken)
    {
        var runs = new List<RunSnapshot>(rows.Count);
        foreach (var chunk in rows.Chunk(ChunkSize)) runs.AddRange(await CompleteChunkAsync(connection, chunk, cancellationToken).ConfigureAwait(false));
        return runs;
    }

    private static async Task<IEnumerable<RunSnapshot>> CompleteChunkAsync(DbConnection connection, RunRow[] rows, CancellationToken cancellationToken)
    {
        var parameters = await PairsAsync(connection, "params", rows, cancellationToken).ConfigureAwait(false);
        var tags = await PairsAsync(connection, "tags", rows, cancellationToken).ConfigureAwait(false);
        var metrics = await QueryAsync(
            connection,
            "SELECT m.run, n.name, m.value, m.is_nan, m.step, m.timestamp FROM latest_metrics m JOIN metric_names n ON n.id = m.name WHERE m.run",
            rows,
            reader => (Run: reader.GetInt64(0), Metric: new Metric(reader.GetString(1), reader.GetInt64(3) != 0 ? double.NaN : reader.GetDouble(2), reader.GetInt64(4), reader.GetTime(5))),
            cancellationToken).ConfigureAwait(false);
        var inputs = await QueryAsync(
            connection,
            "SELECT run, name, digest, context, row_count, columns, source, position FROM inputs WHERE run",
            rows,
            reader => (Run: reader.GetInt64(0), Position: reader.GetInt64(7), Input: new DatasetInput(
                new DatasetReference(reader.GetString(1), reader.GetString(2), reader.GetInt64(4), DatasetColumnsJson.Read(reader.GetString(5)), reader.GetText(6)), reader.GetString(3))),
            cancellationToken).ConfigureAwait(false);
        var (metricsByRun, inputsByRun) = (metrics.ToLookup(row => row.Run), inputs.ToLookup(row => row.Run));
        return rows.Select(row => row.Run with
        {
            Params = parameters[row.Number].SortByName(),
            Tags = tags[row.Number].SortByName(),
            Metrics = metricsByRun[row.Number].Select(found => KeyValuePair.Create(found.Metric.Name, found.Metric)).SortByName(),
            Inputs = [.. inputsByRun[row.Number].OrderBy(found => found.Position).Select(found => found.Input)],
        });
    }

    private static async Task<ILookup<long, KeyValuePair<string, string>>> PairsAsync(DbConnection connection, string table, RunRow[] rows, CancellationToken cancellationToken)
    {
        var pairs = await QueryAsync(
            connection,
            $"SELECT run, name, value FROM {table} WHERE run",
            rows,
            reader => (Run: reader.GetInt64(0), Pair: KeyValuePair.Create(reader.GetString(1), reader.GetString(2))),
            cancellationToken).ConfigureAwait(false);
        return pairs.ToLookup(row => row.Run, row => row.Pair);
    }

    // For a single run the text is always the same, so that the statement stays prepared.
    private static Task<List<T>> QueryAsync<T>(DbConnection connection, string whereRun, RunRow[] rows, Func<DbDataReader, T> read, CancellationToken cancellationToken) => rows.Length == 1
        ? connection.QueryAsync(whereRun + " = @run", read, cancellationToken, ("run", rows[0].Number))
        // Numbers that the database gave out, so they can stand in the text.
        : connection.QueryOnceAsync($"{whereRun} IN ({string.Join(',', rows.Select(row => row.Number.ToString(CultureInfo.InvariantCulture)))})", read, cancellationToken);
}
