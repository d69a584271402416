using Microsoft.Data.Sqlite;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class SqliteFaultTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlops-sqlite-").FullName;

    private string Database => Path.Combine(_directory, "mlops.db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task StartRunAsync_DatabaseLockedByAnotherConnection_IsTransientAndNamesTheFile()
    {
        await using var tracking = await OpenAsync(TimeSpan.FromMilliseconds(100));
        await tracking.Tracker.RunAsync("e", run => LogAsync(run, "kept"), cancellationToken: Token);
        await using var other = new SqliteConnection($"Data Source={Database}");
        await other.OpenAsync(Token);
        await ExecuteAsync(other, "BEGIN IMMEDIATE");

        var error = await Assert.ThrowsAsync<StorageException>(() => tracking.Tracker.StartRunAsync("e", cancellationToken: Token));

        Assert.True(error.IsTransient);
        Assert.Contains("mlops.db", error.Message, StringComparison.Ordinal);

        // Nothing that was written is lost, and with the lock gone the same call succeeds.
        await ExecuteAsync(other, "ROLLBACK");
        await tracking.Tracker.RunAsync("e", run => LogAsync(run, "later"), cancellationToken: Token);
        Assert.Equal(["kept", "later"], await ParamsAsync(tracking));
    }

    [Fact]
    public async Task OpenAsync_FileThatIsNoDatabase_NamesItAndLeavesItAlone()
    {
        var content = new string('x', 5000);
        await File.WriteAllTextAsync(Database, content, Token);
        var error = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(TimeSpan.FromSeconds(1)));
        Assert.Contains("mlops.db", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
        Assert.Equal(content, await File.ReadAllTextAsync(Database, Token));
    }

    [Fact]
    public async Task OpenAsync_Again_AddsToTheSameFile()
    {
        for (var i = 0; i < 3; i++)
        {
            await using var tracking = await OpenAsync(TimeSpan.FromSeconds(5));
            await tracking.Tracker.RunAsync("e", run => LogAsync(run, $"{i}"), cancellationToken: Token);
        }

        await using var last = await OpenAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(["0", "1", "2"], await ParamsAsync(last));
    }

    private Task<SqliteTracking> OpenAsync(TimeSpan lockTimeout)
        => SqliteTracking.OpenAsync(Database, new SqliteTrackingOptions { LockTimeout = lockTimeout, ArtifactRoot = _directory }, cancellationToken: Token);

    private static Task LogAsync(Run run, string value)
    {
        run.LogParam("p", value);
        run.LogMetric("m", 1);
        return Task.CompletedTask;
    }

    private static async Task<string[]> ParamsAsync(SqliteTracking tracking)
    {
        var values = new List<string>();
        await foreach (var run in tracking.Tracker.SearchRunsAsync(new RunQuery("e"), Token))
        {
            if (run.Status == RunStatus.Finished) values.Add(run.Params["p"]);
        }

        return [.. values.Order(StringComparer.Ordinal)];
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a literal of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Token);
    }
}
