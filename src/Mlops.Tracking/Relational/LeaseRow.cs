using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>The row of the lease of a run.</summary>
internal static class LeaseRow
{
    /// <summary>Checks that no other process holds a run, whose row is locked.</summary>
    /// <exception cref="EntityConflictException">Another one does.</exception>
    public static async Task CheckHolderAsync(DbConnection connection, long run, string runId, RunOwner? owner, CancellationToken cancellationToken)
    {
        if (owner is null) return;
        // Asked for by itself, not with the row of the run: what that statement saw may be older than its lock.
        var holders = await connection.QueryAsync(
            "SELECT host, process_id, process_start FROM leases WHERE run = @run",
            reader => new RunOwner(reader.GetString(0), (int)reader.GetInt64(1), reader.GetString(2)),
            cancellationToken,
            ("run", run)).ConfigureAwait(false);
        RunRules.CheckHolder(runId, owner, holders.FirstOrDefault());
    }
}
