using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>Writes runs and what belongs to them, within a transaction that the caller has begun.</summary>
internal static class RunWriter
{
    public static async Task CreateAsync(DbConnection connection, RelationalDatabase database, RunSnapshot run, RunLease? lease, CancellationToken cancellationToken)
    {
        var dialect = database.Dialect;
        // Shared, so that runs of one experiment are created at once, but none while it is being deleted.
        var experiment = await ExperimentRow.LockAsync(connection, dialect.ForShare, run.ExperimentId, cancellationToken).ConfigureAwait(false);
        if (experiment.Stage == LifecycleStage.Deleted) throw TrackingErrors.ExperimentDeleted(experiment.Name);
        var inserted = await connection.QueryAsync(
            """
            INSERT INTO runs (id, experiment, name, status, stage, start_time, user_name, holder) VALUES (@id, @experiment, @name, @status, @stage, @start_time, @user_name, @holder)
            ON CONFLICT (id) DO NOTHING RETURNING number
            """,
            reader => reader.GetInt64(0),
            cancellationToken,
            ("id", run.Id), ("experiment", ExperimentRow.ToNumber(run.ExperimentId)), ("name", run.Name), ("status", (long)RunStatus.Running),
            ("stage", (long)LifecycleStage.Active), ("start_time", run.StartTime.ToUnixTimeMilliseconds()), ("user_name", run.User), ("holder", lease?.Holder ?? "")).ConfigureAwait(false);
        if (inserted.Count == 0) throw TrackingErrors.RunTaken(run.Id);
        if (lease is not null) await SetLeaseAsync(connection, database, inserted[0], lease, cancellationToken).ConfigureAwait(false);
        await AddAsync(connection, dialect, inserted[0], run.Id, new RunChanges { Params = RunRules.Params(run), Tags = [.. run.Tags], Inputs = run.Inputs }, cancellationToken).ConfigureAwait(false);
    }

    public static async Task ChangeAsync(DbConnection connection, RelationalDialect dialect, RunRow row, RunChanges changes, CancellationToken cancellationToken)
    {
        var run = row.Number;
        // How the process really ended the run replaces the end that was put in its place, and the reason of that.
        if (row.Run.Status == RunStatus.Killed && changes.End is not null)
        {
            await connection.ExecuteAsync(
                "DELETE FROM tags WHERE run = @run AND name = @name AND value LIKE @pattern",
                cancellationToken,
                ("run", run), ("name", RunTags.Error), ("pattern", RunRules.LossPrefix + "%")).ConfigureAwait(false);
        }

        if (changes.Name is { } name)
            await connection.ExecuteAsync("UPDATE runs SET name = @name WHERE number = @run", cancellationToken, ("name", name), ("run", run)).ConfigureAwait(false);
        foreach (var tag in changes.RemovedTags)
            await connection.ExecuteAsync("DELETE FROM tags WHERE run = @run AND name = @name", cancellationToken, ("run", run), ("name", tag)).ConfigureAwait(false);
        await AddAsync(connection, dialect, run, row.Run.Id, changes, cancellationToken).ConfigureAwait(false);
        if (changes.End is { } end) await EndAsync(connection, run, end, cancellationToken).ConfigureAwait(false);
    }

    public static async Task EndAsync(DbConnection connection, long run, RunEnd end, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            "UPDATE runs SET status = @status, end_time = @end_time WHERE number = @run",
            cancellationToken,
            ("status", (long)end.Status), ("end_time", end.Time.ToUnixTimeMilliseconds()), ("run", run)).ConfigureAwait(false);
        await connection.ExecuteAsync("DELETE FROM leases WHERE run = @run", cancellationToken, ("run", run)).ConfigureAwait(false);
    }

    /// <summary>Ends a run because its process is gone, or does not renew its lease.</summary>
    public static async Task AbandonAsync(DbConnection connection, long run, DateTimeOffset now, string reason, CancellationToken cancellationToken)
    {
        await EndAsync(connection, run, new RunEnd(RunStatus.Killed, now), cancellationToken).ConfigureAwait(false);
        // What the process has said itself before it was gone stays.
        await connection.ExecuteAsync(
            "INSERT INTO tags (run, name, value) VALUES (@run, @name, @value) ON CONFLICT (run, name) DO NOTHING",
            cancellationToken,
            ("run", run), ("name", RunTags.Error), ("value", reason)).ConfigureAwait(false);
    }

    public static async Task ResumeAsync(DbConnection connection, RelationalDatabase database, RunRow row, RunLease lease, CancellationToken cancellationToken)
    {
        var held = await connection.QueryAsync("SELECT run FROM leases WHERE run = @run", reader => reader.GetInt64(0), cancellationToken, ("run", row.Number)).ConfigureAwait(false);
        RunRules.CheckResumable(row.Run, held.Count > 0);
        await connection.ExecuteAsync(
            "UPDATE runs SET status = @status, end_time = NULL, holder = @holder WHERE number = @run",
            cancellationToken,
            ("status", (long)RunStatus.Running), ("holder", lease.Holder), ("run", row.Number)).ConfigureAwait(false);
        await connection.ExecuteAsync("DELETE FROM tags WHERE run = @run AND name = @name", cancellationToken, ("run", row.Number), ("name", RunTags.Error)).ConfigureAwait(false);
        await SetLeaseAsync(connection, database, row.Number, lease, cancellationToken).ConfigureAwait(false);
    }

    private static Task<int> SetLeaseAsync(DbConnection connection, RelationalDatabase database, long run, RunLease lease, CancellationToken cancellationToken) => connection.ExecuteAsync(
        $"""
        INSERT INTO leases (run, host, process_id, process_start, expires_at) VALUES (@run, @host, @process_id, @process_start, {database.Clock.Now} + @duration)
        ON CONFLICT (run) DO UPDATE SET host = excluded.host, process_id = excluded.process_id, process_start = excluded.process_start, expires_at = excluded.expires_at
        """,
        cancellationToken,
        ("run", run), ("host", lease.Owner.Host), ("process_id", (long)lease.Owner.ProcessId), ("process_start", lease.Owner.ProcessStart),
        database.Clock.Parameter, ("duration", StoreClock.Milliseconds(lease.Duration)));

    private static async Task AddAsync(DbConnection connection, RelationalDialect dialect, long run, string runId, RunChanges changes, CancellationToken cancellationToken)
    {
        await AddParamsAsync(connection, dialect, run, runId, changes.Params, cancellationToken).ConfigureAwait(false);
        if (changes.Tags.Count > 0) await dialect.InsertTextsAsync(connection, "tags", run, changes.Tags, replaces: true, cancellationToken).ConfigureAwait(false);
        foreach (var input in changes.Inputs) await AddInputAsync(connection, run, input, cancellationToken).ConfigureAwait(false);
    }

    private static async Task AddParamsAsync(DbConnection connection, RelationalDialect dialect, long run, string runId, IReadOnlyList<Param> added, CancellationToken cancellationToken)
    {
        if (added.Count == 0) return;
        KeyValuePair<string, string>[] texts = [.. added.Select(param => KeyValuePair.Create(param.Name, param.Value))];
        if (await dialect.InsertTextsAsync(connection, "params", run, texts, replaces: false, cancellationToken).ConfigureAwait(false) == added.Count) return;
        // Those by name, not all that the run has, which may be many more.
        var present = new Dictionary<string, string>(added.Count, StringComparer.Ordinal);
        foreach (var param in added)
        {
            var values = await connection.QueryAsync(
                "SELECT value FROM params WHERE run = @run AND name = @name", reader => reader.GetString(0), cancellationToken, ("run", run), ("name", param.Name)).ConfigureAwait(false);
            present[param.Name] = values[0];
        }

        RunRules.CheckParams(runId, added, present);
    }

    // Of a run only one transaction at a time adds inputs, because its row is locked or new.
    private static Task<int> AddInputAsync(DbConnection connection, long run, DatasetInput input, CancellationToken cancellationToken) => connection.ExecuteAsync(
        """
        INSERT INTO inputs (run, name, digest, context, position, row_count, columns, source)
        SELECT @run, @name, @digest, @context, (SELECT count(*) FROM inputs WHERE run = @run), @row_count, @columns, @source
        WHERE NOT EXISTS (SELECT 1 FROM inputs WHERE run = @run AND name = @name AND digest = @digest AND context = @context)
        """,
        cancellationToken,
        ("run", run), ("name", input.Dataset.Name), ("digest", input.Dataset.Digest), ("context", input.Context),
        ("row_count", input.Dataset.RowCount), ("columns", DatasetColumnsJson.Write(input.Dataset.Schema)), ("source", input.Dataset.Source));
}
