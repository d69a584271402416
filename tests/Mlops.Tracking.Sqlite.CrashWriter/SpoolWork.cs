using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Mlops.Tracking.Sqlite.CrashWriter;

/// <summary>Logs to a spool, because the database is locked, until it is killed.</summary>
internal static class SpoolWork
{
    public static async Task LogAsync(string database, string folder)
    {
        var options = new TrackerOptions { RetryDuration = TimeSpan.Zero };
        options.Spool.Directory = folder;
        await using var tracking = await SqliteTracking.OpenAsync(database, new SqliteTrackingOptions { LockTimeout = TimeSpan.FromMilliseconds(50) }, options);
        var run = await tracking.Tracker.StartRunAsync("crash");
        run.LogParam("before", "1");
        await run.FlushAsync();
        await Console.Out.WriteLineAsync(run.Id);

        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var locking = connection.CreateCommand();
        locking.CommandText = "BEGIN IMMEDIATE";
        await locking.ExecuteNonQueryAsync();
        for (var flush = 0L; ; flush++)
        {
            for (var i = 0; i < 100; i++) run.LogMetric("m", i, (flush * 100) + i);
            run.SetTag("flush", (flush + 1).ToString(CultureInfo.InvariantCulture));
            await run.FlushAsync();
            await Console.Out.WriteLineAsync((flush + 1).ToString(CultureInfo.InvariantCulture));
        }
    }
}
