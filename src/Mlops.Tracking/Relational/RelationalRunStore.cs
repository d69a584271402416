namespace Mlops.Tracking;

/// <summary>Keeps runs in a relational database.</summary>
/// <param name="database">The database; it stays the caller's.</param>
public sealed class RelationalRunStore(RelationalDatabase database) : IRunStore
{
    private readonly RelationalDatabase _database = database ?? throw new ArgumentNullException(nameof(database));

    /// <summary>Gets when searches change their way.</summary>
    internal RunSearchLimits SearchLimits { get; init; } = new();

    /// <inheritdoc/>
    public Task CreateRunAsync(RunSnapshot run, RunLease? lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        run = RunRules.NameByTag(run);
        RunRules.CheckNew(run);
        RunRules.Check(lease);
        return _database.WriteAsync("create run", connection => RunWriter.CreateAsync(connection, _database, run, lease, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task UpdateRunAsync(string runId, RunChanges changes, CancellationToken cancellationToken = default)
    {
        changes = RunRules.NameByTag(changes);
        RunRules.Check(runId, changes);
        return _database.WriteAsync(
            "update run",
            async connection =>
            {
                var row = await RunRow.LockAsync(connection, _database.Dialect, runId, cancellationToken).ConfigureAwait(false);
                if (changes.Origin is { } origin && !await WriterRow.NoteAsync(connection, row.Number, origin.WriterId, origin.Sequence, cancellationToken).ConfigureAwait(false)) return;
                RunRules.CheckHolder(runId, changes.Holder, row.Holder);
                RunRules.CheckChangeable(row.Run, changes);
                await RunWriter.ChangeAsync(connection, _database.Dialect, row, changes, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task ResumeRunAsync(string runId, RunLease lease, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(runId, nameof(runId));
        ArgumentNullException.ThrowIfNull(lease);
        RunRules.Check(lease);
        return _database.WriteAsync(
            "resume run",
            async connection =>
            {
                var row = await RunRow.LockAsync(connection, _database.Dialect, runId, cancellationToken).ConfigureAwait(false);
                await RunWriter.ResumeAsync(connection, _database, row, lease, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task SetRunStageAsync(string runId, LifecycleStage stage, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(runId, nameof(runId));
        RunRules.Check(stage);
        return _database.WriteAsync(
            "set run stage",
            async connection =>
            {
                var changed = await connection.ExecuteAsync(
                    "UPDATE runs SET stage = @stage WHERE id = @id", cancellationToken, ("stage", (long)stage), ("id", runId)).ConfigureAwait(false);
                if (changed == 0) throw TrackingErrors.Run(runId);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RunSnapshot?> FindRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(runId, nameof(runId));
        return _database.ReadAsync(
            "find run",
            async connection =>
            {
                var rows = await connection.QueryAsync(RunRow.Select + " WHERE r.id = @id", RunRow.Read, cancellationToken, ("id", runId)).ConfigureAwait(false);
                var runs = await RunReader.CompleteAsync(connection, rows, cancellationToken).ConfigureAwait(false);
                return runs.Count == 0 ? null : runs[0];
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        RunRules.Check(query);
        var plan = SearchPlan.For(query);
        return _database.ReadAtOnceAsync("search runs", connection => RunSearcher.SearchAsync(connection, _database.Dialect, query, plan, SearchLimits, cancellationToken), cancellationToken);
    }
}
