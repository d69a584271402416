using System.Collections.Concurrent;
using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>Appends metrics to a relational database; how rows are inserted in bulk is the dialect's.</summary>
/// <param name="database">The database; it stays the caller's.</param>
public sealed class RelationalMetricAppender(RelationalDatabase database) : IMetricAppender
{
    private readonly RelationalDatabase _database = database ?? throw new ArgumentNullException(nameof(database));

    // Names are never removed, so a number that was committed once stays right.
    private readonly ConcurrentDictionary<string, long> _names = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task AppendAsync(IReadOnlyList<MetricBatch> batches, CancellationToken cancellationToken = default)
    {
        RunRules.Check(batches);
        if (batches.Count == 0) return;
        var names = await _database.WriteAsync("append metrics", connection => AppendAsync(connection, batches, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var (name, id) in names) _names[name] = id;
    }

    /// <inheritdoc/>
    public Task<Page<Metric>> ReadAsync(MetricQuery query, CancellationToken cancellationToken = default)
    {
        RunRules.Check(query);
        return _database.ReadAsync("read metrics", connection => MetricReader.ReadAsync(connection, query, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Metric>> SampleAsync(MetricQuery query, int points, CancellationToken cancellationToken = default)
    {
        RunRules.Check(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        return _database.ReadAsync("sample metrics", connection => MetricReader.SampleAsync(connection, query, points, cancellationToken), cancellationToken);
    }

    private async Task<Dictionary<string, long>> AppendAsync(DbConnection connection, IReadOnlyList<MetricBatch> batches, CancellationToken cancellationToken)
    {
        var (found, added) = (new Dictionary<string, long>(StringComparer.Ordinal), new List<(long Run, MetricBatch Batch)>(batches.Count));
        // Runs and names in their order, so that of two writers one waits for the other, and never both.
        foreach (var ofRun in batches.GroupBy(batch => batch.RunId, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var row = await RunRow.LockAsync(connection, _database.Dialect, ofRun.Key, cancellationToken).ConfigureAwait(false);
            foreach (var batch in ofRun)
            {
                if (!await WriterRow.NoteAsync(connection, row.Number, batch.WriterId, batch.Sequence, cancellationToken).ConfigureAwait(false)) continue;
                RunRules.CheckHolder(batch.RunId, batch.Holder, row.Holder);
                RunRules.CheckAppendable(row.Run);
                added.Add((row.Number, batch));
            }
        }

        await NumberNamesAsync(connection, added, found, cancellationToken).ConfigureAwait(false);
        var rows = Gather(added, found);
        var latest = rows.Order();
        await _database.Dialect.InsertMetricsAsync(connection, rows.Rows, cancellationToken).ConfigureAwait(false);
        await _database.Dialect.UpdateLatestMetricsAsync(connection, latest, cancellationToken).ConfigureAwait(false);
        return found;
    }

    private async Task NumberNamesAsync(DbConnection connection, List<(long Run, MetricBatch Batch)> added, Dictionary<string, long> found, CancellationToken cancellationToken)
    {
        var unknown = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (_, batch) in added)
        {
            var last = "";
            foreach (ref readonly var metric in batch.Metrics.Span)
            {
                if (ReferenceEquals(metric.Name, last)) continue;
                last = metric.Name;
                if (!_names.ContainsKey(last)) unknown.Add(last);
            }
        }

        foreach (var name in unknown)
        {
            await connection.ExecuteAsync("INSERT INTO metric_names (name) VALUES (@name) ON CONFLICT (name) DO NOTHING", cancellationToken, ("name", name)).ConfigureAwait(false);
            var ids = await connection.QueryAsync("SELECT id FROM metric_names WHERE name = @name", reader => reader.GetInt64(0), cancellationToken, ("name", name)).ConfigureAwait(false);
            found[name] = ids[0];
        }
    }

    private MetricRows Gather(List<(long Run, MetricBatch Batch)> added, Dictionary<string, long> found)
    {
        var rows = new MetricRows(added.Sum(entry => entry.Batch.Metrics.Length));
        foreach (var (run, batch) in added)
        {
            var (last, number) = ("", 0L);
            foreach (ref readonly var metric in batch.Metrics.Span)
            {
                if (!ReferenceEquals(metric.Name, last))
                {
                    last = metric.Name;
                    if (!_names.TryGetValue(last, out number)) number = found[last];
                }

                rows.Add(metric, run, number);
            }
        }

        return rows;
    }
}
