using Microsoft.Data.Sqlite;
using Mlops.Testing;

namespace Mlops.Tracking.Sqlite.Tests;

/// <summary>A folder with a database for one test, deleted afterwards, and stores over it.</summary>
public sealed class SqliteFile : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("mlops-sqlite-").FullName;

    public string Path => System.IO.Path.Combine(Folder, "mlops größe.db");

    public RelationalDatabase OpenDatabase(TimeSpan? lockTimeout = null, TimeProvider? timeProvider = null)
    {
        var database = new RelationalDatabase(new SqliteDialect(Path, lockTimeout), timeProvider);
        _opened.Add(database);
        return database;
    }

    internal TrackingStores OpenStores(RunSearchLimits? limits = null, TimeProvider? timeProvider = null)
    {
        var database = OpenDatabase(null, timeProvider);
        return new TrackingStores(
            new RelationalExperimentStore(database), new RelationalRunStore(database) { SearchLimits = limits ?? new RunSearchLimits() }, new RelationalRunLeaseStore(database), new RelationalMetricAppender(database));
    }

    public async Task<SqliteTracking> OpenTrackingAsync(TimeSpan? lockTimeout = null, TrackerOptions? tracker = null, RegistryOptions? registry = null)
    {
        var options = new SqliteTrackingOptions();
        if (lockTimeout is { } timeout) options.LockTimeout = timeout;
        var tracking = await SqliteTracking.OpenAsync(Path, options, tracker, registry, cancellationToken: TestContext.Current.CancellationToken);
        _opened.Add(tracking);
        return tracking;
    }

    /// <summary>Connects to the database as another program would.</summary>
    public async Task<SqliteConnection> ConnectAsync()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public static async Task<object?> ScalarAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The body of a run that logs one measurement.</summary>
    public static Task LogAsync(Run run, double value)
    {
        run.LogMetric("m", value);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened) await opened.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
