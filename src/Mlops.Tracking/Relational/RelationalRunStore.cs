using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>Keeps runs in a relational database.</summary>
/// <param name="database">The database; it stays the caller's.</param>
public sealed class RelationalRunStore(RelationalDatabase database) : IRunStore
{
    // How many runs a search reads completely at a time.
    private const int PageSize = 200;

    private readonly RelationalDatabase _database = database ?? throw new ArgumentNullException(nameof(database));

    /// <inheritdoc/>
    public Task CreateRunAsync(RunSnapshot run, RunOwner owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(owner);
        RunRules.CheckNew(run);
        return _database.WriteAsync("create run", connection => CreateAsync(connection, run, owner, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task UpdateRunAsync(string runId, RunChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        ArgumentNullException.ThrowIfNull(changes);
        TrackingLimits.Check(changes);
        return _database.WriteAsync(
            "update run",
            async connection =>
            {
                var row = await RunRow.LockRunningAsync(connection, _database.Dialect, runId, "a change", cancellationToken).ConfigureAwait(false);
                await AddAsync(connection, row.Number, runId, changes, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task EndRunAsync(string runId, RunStatus status, DateTimeOffset endTime, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        RunRules.CheckEnd(status);
        return _database.WriteAsync(
            "end run",
            async connection =>
            {
                var row = await RunRow.LockRunningAsync(connection, _database.Dialect, runId, "ending it", cancellationToken).ConfigureAwait(false);
                await EndAsync(connection, row.Number, status, endTime, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RunSnapshot?> FindRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return _database.ReadAsync(
            "find run",
            async connection =>
            {
                var rows = await connection.QueryAsync(RunRow.Select + " WHERE r.id = @id", RunRow.Read, cancellationToken, ("id", runId)).ConfigureAwait(false);
                var runs = await CompleteAsync(connection, rows, cancellationToken).ConfigureAwait(false);
                return runs.Count == 0 ? null : runs[0];
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RunSnapshot> SearchRunsAsync(RunQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RunRules.Check(query);
        var rows = await _database.ReadAsync("search runs", connection => SearchAsync(connection, query, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var page in rows.Chunk(PageSize))
        {
            var runs = await _database.ReadAsync("search runs", connection => CompleteAsync(connection, page, cancellationToken), cancellationToken).ConfigureAwait(false);
            foreach (var run in runs) yield return run;
        }
    }

    internal static async Task EndAsync(DbConnection connection, long run, RunStatus status, DateTimeOffset endTime, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            "UPDATE runs SET status = @status, end_time = @end_time WHERE number = @run",
            cancellationToken,
            ("status", (long)status), ("end_time", endTime.ToUnixTimeMilliseconds()), ("run", run)).ConfigureAwait(false);
        await connection.ExecuteAsync("DELETE FROM leases WHERE run = @run", cancellationToken, ("run", run)).ConfigureAwait(false);
    }

    private async Task CreateAsync(DbConnection connection, RunSnapshot run, RunOwner owner, CancellationToken cancellationToken)
    {
        var experiment = long.TryParse(run.ExperimentId, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1;
        var known = await connection.QueryAsync("SELECT id FROM experiments WHERE id = @id", reader => reader.GetInt64(0), cancellationToken, ("id", experiment)).ConfigureAwait(false);
        if (known.Count == 0) throw TrackingErrors.ExperimentId(run.ExperimentId);
        var inserted = await connection.ExecuteAsync(
            "INSERT INTO runs (id, experiment, name, status, stage, start_time) VALUES (@id, @experiment, @name, @status, @stage, @start_time) ON CONFLICT (id) DO NOTHING",
            cancellationToken,
            ("id", run.Id), ("experiment", experiment), ("name", run.Name), ("status", (long)RunStatus.Running), ("stage", (long)run.Stage),
            ("start_time", run.StartTime.ToUnixTimeMilliseconds())).ConfigureAwait(false);
        if (inserted == 0) throw TrackingErrors.RunTaken(run.Id);
        var row = await RunRow.LockAsync(connection, _database.Dialect, run.Id, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(
            "INSERT INTO leases (run, host, process_id, process_start) VALUES (@run, @host, @process_id, @process_start)",
            cancellationToken,
            ("run", row.Number), ("host", owner.Host), ("process_id", (long)owner.ProcessId), ("process_start", owner.ProcessStart)).ConfigureAwait(false);
        var changes = new RunChanges { Params = RunRules.Params(run), Tags = [.. run.Tags], Inputs = run.Inputs };
        await AddAsync(connection, row.Number, run.Id, changes, cancellationToken).ConfigureAwait(false);
    }

    private async Task AddAsync(DbConnection connection, long run, string runId, RunChanges changes, CancellationToken cancellationToken)
    {
        if (changes.Params.Count > 0)
        {
            var present = await connection.QueryAsync(
                "SELECT name, value FROM params WHERE run = @run",
                reader => KeyValuePair.Create(reader.GetString(0), reader.GetString(1)),
                cancellationToken,
                ("run", run)).ConfigureAwait(false);
            RunRules.CheckParams(runId, changes.Params, new Dictionary<string, string>(present, StringComparer.Ordinal));
        }

        var addParam = _database.Dialect.Upsert("params", ["run", "name"], ["value"]);
        foreach (var param in changes.Params)
            await connection.ExecuteAsync(addParam, cancellationToken, ("run", run), ("name", param.Name), ("value", param.Value)).ConfigureAwait(false);
        var setTag = _database.Dialect.Upsert("tags", ["run", "name"], ["value"]);
        foreach (var (name, value) in changes.Tags)
            await connection.ExecuteAsync(setTag, cancellationToken, ("run", run), ("name", name), ("value", value)).ConfigureAwait(false);
        foreach (var input in changes.Inputs) await AddInputAsync(connection, run, input, cancellationToken).ConfigureAwait(false);
    }

    private static Task<int> AddInputAsync(DbConnection connection, long run, DatasetInput input, CancellationToken cancellationToken) => connection.ExecuteAsync(
        """
        INSERT INTO inputs (run, name, digest, context, position, row_count, columns, source)
        VALUES (@run, @name, @digest, @context, (SELECT count(*) FROM inputs WHERE run = @run), @row_count, @columns, @source)
        ON CONFLICT (run, name, digest, context) DO NOTHING
        """,
        cancellationToken,
        ("run", run), ("name", input.Dataset.Name), ("digest", input.Dataset.Digest), ("context", input.Context),
        ("row_count", input.Dataset.RowCount), ("columns", DatasetColumnsJson.Write(input.Dataset.Schema)), ("source", input.Dataset.Source));

    private static async Task<List<RunRow>> SearchAsync(DbConnection connection, RunQuery query, CancellationToken cancellationToken)
    {
        var experiment = await RelationalExperimentStore.FindAsync(connection, query.Experiment, cancellationToken).ConfigureAwait(false)
            ?? throw TrackingErrors.Experiment(query.Experiment);
        var order = query.OrderByMetric is null
            ? ""
            : "m.run IS NULL, m.is_nan, m.value " + (query.Direction == MetricDirection.Minimize ? "ASC, " : "DESC, ");
        var metric = query.OrderByMetric is null
            ? ""
            : " LEFT JOIN latest_metrics m ON m.run = r.number AND m.name = (SELECT id FROM metric_names WHERE name = @metric)";
        var status = query.Status is null ? "" : " AND r.status = @status";
        return await connection.QueryAsync(
            $"{RunRow.Select}{metric} WHERE r.experiment = @experiment AND r.stage = @stage{status} ORDER BY {order}r.start_time DESC, r.number DESC LIMIT @limit",
            RunRow.Read,
            cancellationToken,
            [
                ("experiment", long.Parse(experiment.Id, CultureInfo.InvariantCulture)),
                ("stage", (long)LifecycleStage.Active),
                ("limit", (long)query.MaxResults),
                .. query.Status is { } wanted ? [("status", (long)wanted)] : default(ReadOnlySpan<(string, object?)>),
                .. query.OrderByMetric is { } name ? [("metric", name)] : default(ReadOnlySpan<(string, object?)>),
            ]).ConfigureAwait(false);
    }

    private static async Task<List<RunSnapshot>> CompleteAsync(DbConnection connection, IReadOnlyCollection<RunRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return [];
        // Numbers that the database gave out, so they can stand in the text.
        var list = string.Join(',', rows.Select(row => row.Number.ToString(CultureInfo.InvariantCulture)));
        var parameters = await PairsAsync(connection, "params", list, cancellationToken).ConfigureAwait(false);
        var tags = await PairsAsync(connection, "tags", list, cancellationToken).ConfigureAwait(false);
        var metrics = await connection.QueryAsync(
            $"SELECT m.run, n.name, m.value, m.is_nan, m.step, m.timestamp FROM latest_metrics m JOIN metric_names n ON n.id = m.name WHERE m.run IN ({list})",
            reader => (Run: reader.GetInt64(0), Metric: new Metric(reader.GetString(1), reader.GetInt64(3) != 0 ? double.NaN : reader.GetDouble(2), reader.GetInt64(4), reader.GetTime(5))),
            cancellationToken).ConfigureAwait(false);
        var inputs = await connection.QueryAsync(
            $"SELECT run, name, digest, context, row_count, columns, source FROM inputs WHERE run IN ({list}) ORDER BY position",
            reader => (Run: reader.GetInt64(0), Input: new DatasetInput(
                new DatasetReference(reader.GetString(1), reader.GetString(2), reader.GetInt64(4), DatasetColumnsJson.Read(reader.GetString(5)), reader.GetText(6)), reader.GetString(3))),
            cancellationToken).ConfigureAwait(false);
        var (metricsByRun, inputsByRun) = (metrics.ToLookup(row => row.Run), inputs.ToLookup(row => row.Run));
        return [.. rows.Select(row => row.Run with
        {
            Params = parameters[row.Number].ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal),
            Tags = tags[row.Number].ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal),
            Metrics = metricsByRun[row.Number].ToDictionary(found => found.Metric.Name, found => found.Metric, StringComparer.Ordinal),
            Inputs = [.. inputsByRun[row.Number].Select(found => found.Input)],
        })];
    }

    private static async Task<ILookup<long, (string Name, string Value)>> PairsAsync(DbConnection connection, string table, string list, CancellationToken cancellationToken)
    {
        var pairs = await connection.QueryAsync(
            $"SELECT run, name, value FROM {table} WHERE run IN ({list})",
            reader => (Run: reader.GetInt64(0), Pair: (reader.GetString(1), reader.GetString(2))),
            cancellationToken).ConfigureAwait(false);
        return pairs.ToLookup(row => row.Run, row => row.Pair);
    }
}
