namespace Mlops.Tracking;

/// <summary>Keeps the leases of running runs in a relational database.</summary>
/// <param name="database">The database; it stays the caller's.</param>
public sealed class RelationalRunLeaseStore(RelationalDatabase database) : IRunLeaseStore
{
    private const string SelectLease
        = "SELECT r.id, l.host, l.process_id, l.process_start, l.expires_at FROM runs r JOIN leases l ON l.run = r.number WHERE r.status = @running AND r.stage = @active";

    private readonly RelationalDatabase _database = database ?? throw new ArgumentNullException(nameof(database));

    /// <inheritdoc/>
    public Task RenewLeasesAsync(IReadOnlyCollection<string> runIds, DateTimeOffset expiresAt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runIds);
        foreach (var id in runIds) TrackingLimits.CheckKey(id, nameof(runIds));
        if (runIds.Count == 0) return Task.CompletedTask;
        return _database.WriteAsync(
            "renew leases",
            async connection =>
            {
                // In their order, so that of two writers one waits for the other, and never both.
                foreach (var id in runIds.Order(StringComparer.Ordinal))
                {
                    await connection.ExecuteAsync(
                        "UPDATE leases SET expires_at = @expires_at WHERE run = (SELECT number FROM runs WHERE id = @id)",
                        cancellationToken,
                        ("expires_at", expiresAt.ToUnixTimeMilliseconds()), ("id", id)).ConfigureAwait(false);
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> EndAbandonedRunsAsync(DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        // Looked at first without a transaction: usually nothing is abandoned, and then nobody has to wait.
        var suspects = await FindAbandonedAsync(now, cancellationToken).ConfigureAwait(false);
        if (suspects.Count == 0) return [];
        return await _database.WriteAsync(
            "end abandoned runs",
            async connection =>
            {
                var ended = new List<string>();
                foreach (var id in suspects.Order(StringComparer.Ordinal))
                {
                    var row = await RunRow.LockAsync(connection, _database.Dialect, id, cancellationToken).ConfigureAwait(false);
                    var lease = await connection.QueryAsync(SelectLease + " AND r.id = @id", Read, cancellationToken, ("running", (long)RunStatus.Running), ("active", (long)LifecycleStage.Active), ("id", id)).ConfigureAwait(false);
                    if (lease.Count == 0 || !IsAbandoned(lease[0], now)) continue;
                    await RunWriter.EndAsync(connection, row.Number, new RunEnd(RunStatus.Killed, now), cancellationToken).ConfigureAwait(false);
                    ended.Add(id);
                }

                return ended;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private Task<List<string>> FindAbandonedAsync(DateTimeOffset now, CancellationToken cancellationToken) => _database.ReadAsync(
        "find abandoned runs",
        async connection =>
        {
            var leases = await connection.QueryAsync(SelectLease, Read, cancellationToken, ("running", (long)RunStatus.Running), ("active", (long)LifecycleStage.Active)).ConfigureAwait(false);
            return leases.Where(lease => IsAbandoned(lease, now)).Select(lease => lease.RunId).ToList();
        },
        cancellationToken);

    private static bool IsAbandoned((string RunId, RunOwner Owner, DateTimeOffset? ExpiresAt) lease, DateTimeOffset now) => lease.ExpiresAt < now || lease.Owner.IsKnownDead();

    private static (string RunId, RunOwner Owner, DateTimeOffset? ExpiresAt) Read(System.Data.Common.DbDataReader reader) => (
        reader.GetString(0),
        new RunOwner(reader.GetString(1), (int)reader.GetInt64(2), reader.GetString(3)),
        reader.IsDBNull(4) ? null : reader.GetTime(4));
}
