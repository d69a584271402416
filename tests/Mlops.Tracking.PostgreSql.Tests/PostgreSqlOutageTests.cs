using Mlops.Artifacts;
using Mlops.Tests;
using Npgsql;

namespace Mlops.Tracking.PostgreSql.Tests;

/// <summary>Two hosts on one server, one of which is cut off for longer than its leases last.</summary>
public sealed class PostgreSqlOutageTests(PostgreSqlServer server) : IAsyncDisposable
{
    private const int Count = 300;

    private readonly PostgreSqlSchema _schema = new(server);
    private readonly TcpProxy _way = new(new NpgsqlConnectionStringBuilder(server.ConnectionString).Port);
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-outage-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _schema.DisposeAsync();
        await _way.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_CutOffForLongerThanItsLease_IsDeliveredOnceAndEndsAsItsHostSaid(bool endsWhileCutOff)
    {
        await using var other = await OpenAsync(_schema.ConnectionString, "other");
        await using var here = await OpenAsync(new NpgsqlConnectionStringBuilder(_schema.ConnectionString) { Port = _way.Port }.ConnectionString, "here");
        var run = await here.Tracker.StartRunAsync("e", cancellationToken: Token);
        await LogAsync(run, 0);
        _way.Cut();
        await LogAsync(run, 1);
        Assert.True(here.Tracker.GetStatus().SpooledBytes > 0);
        // The other host sees nothing of it, and takes it for dead when its lease is over.
        while (!(await other.Tracker.RecoverAsync(Token)).Contains(run.Id)) await Task.Delay(20, Token);
        Assert.Equal(RunStatus.Killed, (await other.Tracker.GetRunAsync(run.Id, Token)).Status);
        await LogAsync(run, 2);
        if (endsWhileCutOff) Assert.Equal(RunStatus.Finished, (await run.CompleteAsync(cancellationToken: Token)).Status);

        _way.Restore();
        if (!endsWhileCutOff)
        {
            await LogAsync(run, 3);
            await run.CompleteAsync(cancellationToken: Token);
        }

        while (here.Tracker.GetStatus().SpooledBytes > 0) await Task.Delay(20, Token);
        var found = await other.Tracker.GetRunAsync(run.Id, Token);
        var parts = endsWhileCutOff ? 3 : 4;
        Assert.Equal((RunStatus.Finished, parts), (found.Status, found.Params.Count));
        Assert.NotNull(found.EndTime);
        var steps = await other.Tracker.GetMetricHistoryAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(0, parts * Count).Select(step => (long)step), steps);
        // Nobody ends it once more.
        Assert.Empty(await other.Tracker.RecoverAsync(Token));
        await using var connection = await _schema.ConnectAsync();
        Assert.Equal(0L, await PostgreSqlSchema.ScalarAsync(connection, "SELECT count(*) FROM leases"));
        Assert.Equal((long)parts * Count, await PostgreSqlSchema.ScalarAsync(connection, "SELECT count(*) FROM metrics"));
    }

    [Fact]
    public async Task Run_ServerAwayForLongerThanTheLeasesOfBothHosts_EndsAsItsHostSaid()
    {
        await using var own = new PostgreSqlServer();
        await own.InitializeAsync();
        var address = new NpgsqlConnectionStringBuilder(own.ConnectionString) { Pooling = true, MaxPoolSize = 20 }.ConnectionString;
        await using var other = await OpenAsync(address, "other");
        await using var here = await OpenAsync(address, "here");
        var (run, theirs) = (await here.Tracker.StartRunAsync("e", cancellationToken: Token), await other.Tracker.StartRunAsync("e", cancellationToken: Token));
        await LogAsync(run, 0);
        await own.StopAsync();
        await LogAsync(run, 1);
        await run.CompleteAsync(cancellationToken: Token);
        await Task.Delay(2 * Options("").LeaseDuration, Token);
        await own.StartAsync();
        // Whoever comes first: the one that ends what seems to be left behind, or the one that delivers.
        while (here.Tracker.GetStatus().SpooledBytes > 0) await other.Tracker.RecoverAsync(Token);
        var found = await other.Tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Finished, 2), (found.Status, found.Params.Count));
        var steps = await other.Tracker.GetMetricHistoryAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(0, 2 * Count).Select(step => (long)step), steps);
        // A run that goes on is that of its host again, whatever others took it for.
        await LogAsync(theirs, 0);
        Assert.Equal(RunStatus.Finished, (await theirs.CompleteAsync(cancellationToken: Token)).Status);
    }

    private static async Task LogAsync(Run run, int part)
    {
        for (var i = 0; i < Count; i++) run.LogMetric("m", i, (part * Count) + i);
        run.LogParam($"p{part}", part);
        await run.FlushAsync(Token);
    }

    private TrackerOptions Options(string name)
    {
        var options = new TrackerOptions { LeaseDuration = TimeSpan.FromMilliseconds(600), RetryDuration = TimeSpan.Zero };
        options.Spool.Directory = Path.Combine(_folder, name);
        options.Spool.RetryInterval = TimeSpan.FromMilliseconds(50);
        return options;
    }

    private async Task<PostgreSqlTracking> OpenAsync(string connectionString, string name)
    {
        // Makes the schema of the test, when it is the first.
        await (await _schema.ConnectAsync()).DisposeAsync();
        return await PostgreSqlTracking.OpenAsync(connectionString, new InMemoryArtifactStore(), tracker: Options(name), cancellationToken: Token);
    }
}
