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
        // Numbers that the database gave out, so they can stand in the text.
        var list = string.Join(',', rows.Select(row => row.Number.ToString(CultureInfo.InvariantCulture)));
        var parameters = await PairsAsync(connection, "params", list, cancellationToken).ConfigureAwait(false);
        var tags = await PairsAsync(connection, "tags", list, cancellationToken).ConfigureAwait(false);
        var metrics = await connection.QueryOnceAsync(
            $"SELECT m.run, n.name, m.value, m.is_nan, m.step, m.timestamp FROM latest_metrics m JOIN metric_names n ON n.id = m.name WHERE m.run IN ({list})",
            reader => (Run: reader.GetInt64(0), Metric: new Metric(reader.GetString(1), reader.GetInt64(3) != 0 ? double.NaN : reader.GetDouble(2), reader.GetInt64(4), reader.GetTime(5))),
            cancellationToken).ConfigureAwait(false);
        var inputs = await connection.QueryOnceAsync(
            $"SELECT run, name, digest, context, row_count, columns, source FROM inputs WHERE run IN ({list}) ORDER BY position",
            reader => (Run: reader.GetInt64(0), Input: new DatasetInput(
                new DatasetReference(reader.GetString(1), reader.GetString(2), reader.GetInt64(4), DatasetColumnsJson.Read(reader.GetString(5)), reader.GetText(6)), reader.GetString(3))),
            cancellationToken).ConfigureAwait(false);
        var (metricsByRun, inputsByRun) = (metrics.ToLookup(row => row.Run), inputs.ToLookup(row => row.Run));
        return rows.Select(row => row.Run with
        {
            Params = parameters[row.Number].SortByName(),
            Tags = tags[row.Number].SortByName(),
            Metrics = metricsByRun[row.Number].Select(found => KeyValuePair.Create(found.Metric.Name, found.Metric)).SortByName(),
            Inputs = [.. inputsByRun[row.Number].Select(found => found.Input)],
        });
    }

    private static async Task<ILookup<long, KeyValuePair<string, string>>> PairsAsync(DbConnection connection, string table, string list, CancellationToken cancellationToken)
    {
        var pairs = await connection.QueryOnceAsync(
            $"SELECT run, name, value FROM {table} WHERE run IN ({list})",
            reader => (Run: reader.GetInt64(0), Pair: KeyValuePair.Create(reader.GetString(1), reader.GetString(2))),
            cancellationToken).ConfigureAwait(false);
        return pairs.ToLookup(row => row.Run, row => row.Pair);
    }
}
