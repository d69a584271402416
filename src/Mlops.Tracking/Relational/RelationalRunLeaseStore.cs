namespace Mlops.Tracking;

/// <summary>Keeps the leases of running runs in a relational database, measured by the clock of the database.</summary>
/// <param name="database">The database; it stays the caller's.</param>
public sealed class RelationalRunLeaseStore(RelationalDatabase database) : IRunLeaseStore
{
    private readonly RelationalDatabase _database = database ?? throw new ArgumentNullException(nameof(database));

    /// <inheritdoc/>
    public Task RenewLeasesAsync(IReadOnlyCollection<string> runIds, RunLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runIds);
        ArgumentNullException.ThrowIfNull(lease);
        RunRules.Check(lease);
        foreach (var id in runIds) TrackingLimits.CheckKey(id, nameof(runIds));
        if (runIds.Count == 0) return Task.CompletedTask;
        var renew = $"""
            UPDATE leases SET expires_at = {_database.Clock.Now} + @duration
            WHERE run = (SELECT number FROM runs WHERE id = @id) AND host = @host AND process_id = @process_id AND process_start = @process_start
            """;
        return _database.WriteAsync(
            "renew leases",
            async connection =>
            {
                // In their order, so that of two writers one waits for the other, and never both.
                foreach (var id in runIds.Order(StringComparer.Ordinal))
                {
                    await connection.ExecuteAsync(
                        renew, cancellationToken, _database.Clock.Parameter, ("duration", StoreClock.Milliseconds(lease.Duration)), ("id", id),
                        ("host", lease.Owner.Host), ("process_id", (long)lease.Owner.ProcessId), ("process_start", lease.Owner.ProcessStart)).ConfigureAwait(false);
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> EndAbandonedRunsAsync(CancellationToken cancellationToken = default)
    {
        // Looked at first without a transaction: usually nothing is abandoned, and then nobody has to wait.
        var suspects = await _database.ReadAsync("find abandoned runs", connection => FindAsync(connection, "", "", cancellationToken), cancellationToken).ConfigureAwait(false);
        if (suspects.Count == 0) return [];
        return await _database.WriteAsync(
            "end abandoned runs",
            async connection =>
            {
                var ended = new List<string>();
                foreach (var id in suspects.Select(suspect => suspect.RunId).Order(StringComparer.Ordinal))
                {
                    var row = await RunRow.LockAsync(connection, _database.Dialect, id, cancellationToken).ConfigureAwait(false);
                    var found = await FindAsync(connection, " AND r.id = @id", id, cancellationToken).ConfigureAwait(false);
                    if (found.Count == 0) continue;
                    await RunWriter.AbandonAsync(connection, row.Number, found[0].Now, found[0].Reason, cancellationToken).ConfigureAwait(false);
                    ended.Add(id);
                }

                return ended;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<(string RunId, DateTimeOffset Now, string Reason)>> FindAsync(System.Data.Common.DbConnection connection, string condition, string id, CancellationToken cancellationToken)
    {
        var leases = await connection.QueryAsync(
            $"""
            SELECT r.id, l.host, l.process_id, l.process_start, l.expires_at, {_database.Clock.Now}
            FROM runs r JOIN leases l ON l.run = r.number WHERE r.status = @running AND r.stage = @active{condition}
            """,
            reader => (
                RunId: reader.GetString(0),
                Owner: new RunOwner(reader.GetString(1), (int)reader.GetInt64(2), reader.GetString(3)),
                ExpiresAt: reader.IsDBNull(4) ? (DateTimeOffset?)null : reader.GetTime(4),
                Now: reader.GetTime(5)),
            cancellationToken,
            _database.Clock.Parameter, ("running", (long)RunStatus.Running), ("active", (long)LifecycleStage.Active), ("id", id)).ConfigureAwait(false);
        return [.. leases.Where(lease => lease.ExpiresAt < lease.Now || lease.Owner.IsKnownDead())
            .Select(lease => (lease.RunId, lease.Now, RunRules.DescribeLoss(lease.Owner, lease.ExpiresAt < lease.Now ? lease.ExpiresAt : null)))];
    }
}
