using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>Reads series of metrics from a relational database.</summary>
internal static class MetricReader
{
    private const string Order = "step, timestamp, value, is_nan";
    private const string Descending = "step DESC, timestamp DESC, value DESC, is_nan DESC";

    // How many places are looked up by one statement.
    private const int ChunkSize = 500;

    public static async Task<Page<Metric>> ReadAsync(DbConnection connection, MetricQuery query, CancellationToken cancellationToken)
    {
        var after = MetricPages.Read(query);
        if (await FindAsync(connection, query, cancellationToken).ConfigureAwait(false) is not { } series) return new Page<Metric>([], null);
        return MetricPages.Make(query, await ReadAsync(connection, series, after, Order, query.MaxResults + 1L, cancellationToken).ConfigureAwait(false));
    }

    public static async Task<IReadOnlyList<Metric>> SampleAsync(DbConnection connection, MetricQuery query, int points, CancellationToken cancellationToken)
    {
        if (await FindAsync(connection, query, cancellationToken).ConfigureAwait(false) is not { } series) return [];
        var all = await ReadAsync(connection, series, null, Order, points + 1L, cancellationToken).ConfigureAwait(false);
        if (all.Count <= points) return all;
        var first = all[0];
        var last = (await ReadAsync(connection, series, null, Descending, 1, cancellationToken).ConfigureAwait(false))[0];
        var isSpreadOverSteps = MetricSampling.IsSpreadOverSteps(first, last);
        var targets = isSpreadOverSteps
            ? MetricSampling.Targets(first.Step, last.Step, points)
            : MetricSampling.Targets(first.Timestamp.ToUnixTimeMilliseconds(), last.Timestamp.ToUnixTimeMilliseconds(), points);
        var sample = new List<Metric>(points) { first };
        foreach (var chunk in targets.Chunk(ChunkSize))
        {
            foreach (var found in await SeekAsync(connection, series, first, isSpreadOverSteps, chunk, cancellationToken).ConfigureAwait(false))
            {
                // Several places may lead to one measurement, and one place to several values.
                if (Place(found) > Place(sample[^1])) sample.Add(found);
            }
        }

        if (MetricOrder.Instance.Compare(last, sample[^1]) > 0) sample.Add(last);
        return sample;

        long Place(Metric metric) => isSpreadOverSteps ? metric.Step : metric.Timestamp.ToUnixTimeMilliseconds();
    }

    private static async Task<Series?> FindAsync(DbConnection connection, MetricQuery query, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            "SELECT r.number, n.id FROM runs r CROSS JOIN metric_names n WHERE r.id = @run_id AND n.name = @metric",
            reader => new Series(reader.GetInt64(0), reader.GetInt64(1), query),
            cancellationToken,
            ("run_id", query.RunId), ("metric", query.Metric)).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    private static Task<List<Metric>> ReadAsync(DbConnection connection, Series series, Metric? after, string order, long limit, CancellationToken cancellationToken)
    {
        var from = after is null ? "" : $" AND ({Order}) > (@after_step, @after_timestamp, @after_value, @after_is_nan)";
        return connection.QueryAsync(
            $"""
            SELECT {Order} FROM metrics
            WHERE run = @run AND name = @name AND step >= @from_step AND step <= @to_step{from}
            ORDER BY {order} LIMIT @limit
            """,
            reader => Read(reader, series.Query.Metric),
            cancellationToken,
            [
                ("run", series.Run), ("name", series.Name), ("from_step", series.From), ("to_step", series.To), ("limit", limit),
                .. after is { } row
                    ? [("after_step", row.Step), ("after_timestamp", row.Timestamp.ToUnixTimeMilliseconds()), ("after_value", double.IsNaN(row.Value) ? 0.0 : row.Value), ("after_is_nan", double.IsNaN(row.Value) ? 1L : 0L)]
                    : default(ReadOnlySpan<(string, object?)>),
            ]);
    }

    /// <summary>Finds the first measurement at or after each place: seeks in the primary key, so the length of the series does not matter.</summary>
    private static Task<List<Metric>> SeekAsync(DbConnection connection, Series series, Metric first, bool isSpreadOverSteps, long[] targets, CancellationToken cancellationToken)
    {
        // Numbers of ours, so they can stand in the text.
        var values = string.Join(',', targets.Select(target => string.Create(CultureInfo.InvariantCulture, $"({Literal(target)})")));
        var step = isSpreadOverSteps
            ? "(SELECT m.step FROM metrics m WHERE m.run = @run AND m.name = @name AND m.step >= t.column1 ORDER BY m.step LIMIT 1)"
            : "@step";
        var earliest = isSpreadOverSteps ? "" : " AND m.timestamp >= p.target";
        return connection.QueryOnceAsync(
            $"""
            WITH t AS (SELECT column1 FROM (VALUES {values}) AS v),
            p AS (SELECT t.column1 AS target, {step} AS step FROM t),
            q AS (SELECT p.step AS step,
                (SELECT m.timestamp FROM metrics m WHERE m.run = @run AND m.name = @name AND m.step = p.step{earliest} ORDER BY m.timestamp LIMIT 1) AS timestamp FROM p)
            SELECT m.step, m.timestamp, m.value, m.is_nan FROM q CROSS JOIN metrics m
            WHERE m.run = @run AND m.name = @name AND m.step = q.step AND m.timestamp = q.timestamp
            ORDER BY m.step, m.timestamp, m.value, m.is_nan
            """,
            reader => Read(reader, series.Query.Metric),
            cancellationToken,
            [("run", series.Run), ("name", series.Name), .. isSpreadOverSteps ? default(ReadOnlySpan<(string, object?)>) : [("step", first.Step)]]);
    }

    // The smallest number cannot be written as the negative of one that fits.
    private static string Literal(long number) => number == long.MinValue ? "-9223372036854775807 - 1" : number.ToString(CultureInfo.InvariantCulture);

    private static Metric Read(DbDataReader reader, string name)
        => new(name, reader.GetInt64(3) != 0 ? double.NaN : reader.GetDouble(2), reader.GetInt64(0), reader.GetTime(1));

    private sealed record Series(long Run, long Name, MetricQuery Query)
    {
        public long From => Query.FromStep ?? long.MinValue;

        public long To => Query.ToStep ?? long.MaxValue;
    }
}
