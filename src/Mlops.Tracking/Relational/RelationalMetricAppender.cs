using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>Appends metrics to a relational database; how rows are inserted in bulk is the dialect's.</summary>
/// <param name="database">The database; it stays the caller's.</param>
public sealed class RelationalMetricAppender(RelationalDatabase database) : IMetricAppender
{
    private const int PageSize = 10_000;

    private readonly RelationalDatabase _database = database ?? throw new ArgumentNullException(nameof(database));

    // Names are never removed, so a number that was committed once stays right.
    private readonly ConcurrentDictionary<string, long> _names = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task AppendAsync(MetricBatch batch, CancellationToken cancellationToken = default)
    {
        RunRules.Check(batch);
        var names = await _database.WriteAsync("append metrics", connection => AppendAsync(connection, batch, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var (name, id) in names) _names[name] = id;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Metric> ReadAsync(string runId, string metric, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        ArgumentException.ThrowIfNullOrEmpty(metric);
        MetricRow? last = null;
        while (true)
        {
            var page = await _database.ReadAsync("read metrics", connection => ReadPageAsync(connection, runId, metric, last, cancellationToken), cancellationToken).ConfigureAwait(false);
            foreach (var row in page) yield return new Metric(metric, row.IsNaN ? double.NaN : row.Value, row.Step, DateTimeOffset.FromUnixTimeMilliseconds(row.Timestamp));
            if (page.Count < PageSize) yield break;
            last = page[^1];
        }
    }

    private static Task<List<MetricRow>> ReadPageAsync(DbConnection connection, string runId, string metric, MetricRow? last, CancellationToken cancellationToken)
    {
        var after = last is null ? "" : " AND (step, timestamp, value, is_nan) > (@step, @timestamp, @value, @is_nan)";
        return connection.QueryAsync(
            $"""
            SELECT step, timestamp, value, is_nan FROM metrics
            WHERE run = (SELECT number FROM runs WHERE id = @run_id) AND name = (SELECT id FROM metric_names WHERE name = @metric){after}
            ORDER BY step, timestamp, value, is_nan LIMIT @limit
            """,
            reader => new MetricRow(0, 0, reader.GetInt64(0), reader.GetInt64(1), reader.GetDouble(2), reader.GetInt64(3) != 0),
            cancellationToken,
            [
                ("run_id", runId), ("metric", metric), ("limit", (long)PageSize),
                .. last is { } row
                    ? [("step", row.Step), ("timestamp", row.Timestamp), ("value", row.Value), ("is_nan", row.IsNaN ? 1L : 0L)]
                    : default(ReadOnlySpan<(string, object?)>),
            ]);
    }

    private async Task<Dictionary<string, long>> AppendAsync(DbConnection connection, MetricBatch batch, CancellationToken cancellationToken)
    {
        var run = await RunRow.LockAsync(connection, _database.Dialect, batch.RunId, cancellationToken).ConfigureAwait(false);
        var isNew = await connection.ExecuteAsync(
            _database.Dialect.Upsert("metric_batches", ["run", "writer", "sequence"], []),
            cancellationToken,
            ("run", run.Number), ("writer", batch.WriterId), ("sequence", batch.Sequence)).ConfigureAwait(false) > 0;
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        if (!isNew) return found;
        if (run.Run.Status != RunStatus.Running) throw TrackingErrors.Ended(batch.RunId, "a metric", run.Run.Status);

        var metrics = Sort(batch.Metrics.Span);
        var rows = new List<MetricRow>(metrics.Count);
        var latest = new List<MetricRow>();
        for (var i = 0; i < metrics.Count; i++)
        {
            var metric = metrics[i];
            var isSameName = i > 0 && metrics[i - 1].Name == metric.Name;
            if (isSameName && MetricOrder.Instance.Compare(metrics[i - 1], metric) == 0) continue;
            var row = ToRow(metric, run.Number, await NumberAsync(connection, metric.Name, found, cancellationToken).ConfigureAwait(false));
            rows.Add(row);
            // Sorted, so the last of each name is its latest.
            if (isSameName) latest[^1] = row;
            else latest.Add(row);
        }

        await _database.Dialect.InsertMetricsAsync(connection, rows, cancellationToken).ConfigureAwait(false);
        foreach (var row in latest) await UpdateLatestAsync(connection, row, cancellationToken).ConfigureAwait(false);
        return found;
    }

    private static List<Metric> Sort(ReadOnlySpan<Metric> metrics)
    {
        var sorted = new List<Metric>(metrics.Length);
        sorted.AddRange(metrics);
        sorted.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name) is var order and not 0 ? order : MetricOrder.Instance.Compare(a, b));
        return sorted;
    }

    private static MetricRow ToRow(Metric metric, long run, long name)
    {
        var isNaN = double.IsNaN(metric.Value);
        return new MetricRow(run, name, metric.Step, metric.Timestamp.ToUnixTimeMilliseconds(), isNaN ? 0 : metric.Value, isNaN);
    }

    private async Task<long> NumberAsync(DbConnection connection, string name, Dictionary<string, long> found, CancellationToken cancellationToken)
    {
        if (_names.TryGetValue(name, out var number) || found.TryGetValue(name, out number)) return number;
        await connection.ExecuteAsync("INSERT INTO metric_names (name) VALUES (@name) ON CONFLICT (name) DO NOTHING", cancellationToken, ("name", name)).ConfigureAwait(false);
        var ids = await connection.QueryAsync("SELECT id FROM metric_names WHERE name = @name", reader => reader.GetInt64(0), cancellationToken, ("name", name)).ConfigureAwait(false);
        return found[name] = ids[0];
    }

    private static Task<int> UpdateLatestAsync(DbConnection connection, MetricRow row, CancellationToken cancellationToken) => connection.ExecuteAsync(
        """
        INSERT INTO latest_metrics (run, name, step, timestamp, value, is_nan) VALUES (@run, @name, @step, @timestamp, @value, @is_nan)
        ON CONFLICT (run, name) DO UPDATE SET step = excluded.step, timestamp = excluded.timestamp, value = excluded.value, is_nan = excluded.is_nan
        WHERE (excluded.step, excluded.timestamp, excluded.value, excluded.is_nan)
            > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value, latest_metrics.is_nan)
        """,
        cancellationToken,
        ("run", row.Run), ("name", row.Name), ("step", row.Step), ("timestamp", row.Timestamp), ("value", row.Value), ("is_nan", row.IsNaN ? 1L : 0L));
}
