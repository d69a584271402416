using Mlops.Artifacts;
using Mlops.Testing;
using Mlops.Tests;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgreSqlServer))]

namespace Mlops.Tracking.PostgreSql.Tests;

/// <summary>A schema of a server for one test, and stores over it.</summary>
public sealed class PostgreSqlSchema(PostgreSqlServer server, Func<string, string>? searchPath = null) : IAsyncDisposable
{
    private static int s_count;

    private readonly List<IAsyncDisposable> _opened = [];
    private readonly string _name = $"test{Interlocked.Increment(ref s_count)}";
    private bool _exists;

    public string ConnectionString => new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = true, MaxPoolSize = 20, SearchPath = searchPath?.Invoke(_name) ?? _name, ApplicationName = _name }.ConnectionString;

    public async Task<RelationalDatabase> OpenDatabaseAsync(PostgreSqlTrackingOptions? options = null, TimeProvider? timeProvider = null)
    {
        await EnsureAsync();
        var database = new RelationalDatabase(new PostgreSqlDialect(ConnectionString, options), timeProvider);
        _opened.Add(database);
        return database;
    }

    public async Task<TrackingStores> OpenStoresAsync(TimeProvider? timeProvider = null)
    {
        var database = await OpenDatabaseAsync(null, timeProvider);
        return new TrackingStores(
            new RelationalExperimentStore(database), new RelationalRunStore(database), new RelationalRunLeaseStore(database), new RelationalMetricAppender(database));
    }

    public async Task<PostgreSqlTracking> OpenTrackingAsync(TrackerOptions? tracker = null)
    {
        await EnsureAsync();
        var tracking = await PostgreSqlTracking.OpenAsync(ConnectionString, new InMemoryArtifactStore(), tracker: tracker, cancellationToken: TestContext.Current.CancellationToken);
        _opened.Add(tracking);
        return tracking;
    }

    /// <summary>Connects as another program would.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        await EnsureAsync();
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened) await opened.DisposeAsync();
    }

    private async Task EnsureAsync()
    {
        if (_exists) return;
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await ScalarAsync(connection, $"CREATE SCHEMA {_name}");
        _exists = true;
    }
}
