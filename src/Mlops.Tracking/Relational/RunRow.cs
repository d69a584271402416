using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>The row of a run, without what other tables say about it.</summary>
internal sealed record RunRow(long Number, RunSnapshot Run)
{
    public const string Columns = "r.number, r.id, r.experiment, r.name, r.status, r.stage, r.start_time, r.end_time, r.user_name";

    public const string Select = $"SELECT {Columns} FROM runs r";

    /// <summary>Gets the handle that the run belongs to; known where the row was locked.</summary>
    public string Holder { get; init; } = "";

    public static RunRow Read(DbDataReader reader) => new(
        reader.GetInt64(0),
        new RunSnapshot(reader.GetString(1), ExperimentRow.ToId(reader.GetInt64(2)), reader.GetString(3), (RunStatus)reader.GetInt64(4), reader.GetTime(6))
        {
            Stage = (LifecycleStage)reader.GetInt64(5),
            EndTime = reader.IsDBNull(7) ? null : reader.GetTime(7),
            User = reader.GetString(8),
        });

    /// <summary>Finds a run, and keeps it from changing until the transaction ends.</summary>
    public static async Task<RunRow> LockAsync(DbConnection connection, RelationalDialect dialect, string runId, CancellationToken cancellationToken)
    {
        // What the lock has waited for is in the row that it gives, and only there: other tables are seen as they were before.
        var found = await connection.QueryAsync(
            $"SELECT {Columns}, r.holder FROM runs r WHERE r.id = @id{dialect.ForUpdate}",
            reader => Read(reader) with { Holder = reader.GetString(9) },
            cancellationToken,
            ("id", runId)).ConfigureAwait(false);
        return found.Count == 1 ? found[0] : throw TrackingErrors.Run(runId);
    }
}
