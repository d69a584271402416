using Mlops.Tests;
using Npgsql;

namespace Mlops.Tracking.PostgreSql.Tests;

/// <summary>The connection that listens is lost, and changes are heard again afterwards.</summary>
public sealed class PostgreSqlChangesTests(PostgreSqlServer server) : IAsyncDisposable
{
    private static readonly RegistryOptions s_never = new() { PollInterval = TimeSpan.FromMinutes(10), MaxCacheAge = TimeSpan.FromMinutes(10) };

    private readonly PostgreSqlSchema _schema = new(server);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact]
    public async Task WatchAsync_ListeningBackendTerminated_HearsTheNextChange()
    {
        await using var here = new RelationalDatabase(new PostgreSqlDialect(await NewSchemaAsync()));
        var (registry, elsewhere) = (new RelationalModelRegistry(here, s_never), new RelationalModelRegistry(await _schema.OpenDatabaseAsync(), s_never));
        for (var i = 0; i < 3; i++) await elsewhere.RegisterVersionAsync("m", new NewModelVersion("models/m", new string('a', 64)), Token);
        await elsewhere.SetAliasAsync("m", "champion", 1, cancellationToken: Token);
        await using var watching = registry.WatchAsync(ModelUri.Parse("models:/m@champion"), Token).GetAsyncEnumerator(Token);
        Assert.True(await watching.MoveNextAsync());
        Assert.Equal(1, watching.Current.Version);
        for (var version = 2; version <= 3; version++)
        {
            var next = watching.MoveNextAsync().AsTask();
            var heard = await HearAsync(registry, null);
            Assert.True(await TerminateAsync() > 0);
            await HearAsync(registry, heard);
            await elsewhere.SetAliasAsync("m", "champion", version, cancellationToken: Token);
            Assert.True(await next);
            Assert.Equal(version, watching.Current.Version);
        }
    }

    [Fact]
    public async Task ReadVersionAsync_ConnectionDiesSilently_IsNoticedAndReplaced()
    {
        await using var way = new TcpProxy(new NpgsqlConnectionStringBuilder(server.ConnectionString).Port);
        // Looked after every second, given up after another.
        var settings = new NpgsqlConnectionStringBuilder(await NewSchemaAsync()) { Port = way.Port, KeepAlive = 1, CommandTimeout = 1 };
        await using var here = new RelationalDatabase(new PostgreSqlDialect(settings.ConnectionString));
        var (registry, elsewhere) = (new RelationalModelRegistry(here, s_never), new RelationalModelRegistry(await _schema.OpenDatabaseAsync(), s_never));
        for (var i = 0; i < 2; i++) await elsewhere.RegisterVersionAsync("m", new NewModelVersion("models/m", new string('a', 64)), Token);
        await elsewhere.SetAliasAsync("m", "champion", 1, cancellationToken: Token);
        var resolver = new CachedModelResolver(registry, s_never);
        var heard = await HearAsync(registry, null);
        Assert.Equal(1, (await resolver.ResolveAsync(ModelUri.Parse("models:/m@champion"), Token)).Version);
        way.Silence();
        await elsewhere.SetAliasAsync("m", "champion", 2, cancellationToken: Token);
        await HearAsync(registry, heard);
        Assert.Equal(2, (await resolver.ResolveAsync(ModelUri.Parse("models:/m@champion"), Token)).Version);
    }

    /// <summary>Whatever the failure is, and whenever it comes, listening goes on, and readers are told meanwhile that they hear nothing.</summary>
    [Fact]
    public async Task ReadAsync_ListeningFailsWithAnyException_IsTakenUpAgain()
    {
        var settings = new NpgsqlConnectionStringBuilder(await NewSchemaAsync());
        await using var source = NpgsqlDataSource.Create(settings);
        var (mayOpen, refused) = (new TaskCompletionSource(), new TaskCompletionSource());
        var failures = new Queue<Exception>([new FormatException("unexpected"), new NotSupportedException("unexpected")]);
        await using var changes = new PostgreSqlChanges(settings, TimeSpan.FromSeconds(1), async token =>
        {
            if (failures.TryDequeue(out var failure)) throw failure;
            refused.TrySetResult();
            await mayOpen.Task.WaitAsync(token);
            return await source.OpenConnectionAsync(token);
        });
        changes.Start();
        await refused.Task.WaitAsync(Token);
        Assert.Null(await changes.ReadAsync(Token));
        mayOpen.SetResult();
        while (await changes.ReadAsync(Token) is null) await Task.Delay(5, Token);
        Assert.Empty(failures);
    }

    private static async Task<long> HearAsync(RelationalModelRegistry registry, long? before)
    {
        while (true)
        {
            if (await registry.ReadVersionAsync(Token) is { } version && version != before) return version;
            await Task.Delay(5, Token);
        }
    }

    private async Task<string> NewSchemaAsync()
    {
        await (await _schema.ConnectAsync()).DisposeAsync();
        return _schema.ConnectionString;
    }

    private async Task<long> TerminateAsync()
    {
        await using var connection = await _schema.ConnectAsync();
        var name = new NpgsqlConnectionStringBuilder(_schema.ConnectionString).ApplicationName;
        return (long)(await PostgreSqlSchema.ScalarAsync(
            connection, $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{name}' AND query LIKE 'LISTEN%'"))!;
    }
}
