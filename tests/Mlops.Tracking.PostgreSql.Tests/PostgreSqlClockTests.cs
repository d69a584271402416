using Mlops.Tests;

namespace Mlops.Tracking.PostgreSql.Tests;

/// <summary>Leases, on a server whose clock goes its own way. What hosts think of the time does not matter.</summary>
public sealed class PostgreSqlClockTests(PostgreSqlServer server) : IAsyncDisposable
{
    // Functions of the system come last, so that the test's clock takes the place of the server's.
    private readonly PostgreSqlSchema _schema = new(server, name => name + ",pg_catalog");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Theory]
    [InlineData("-1 day")]
    [InlineData("2 years")]
    public async Task EndAbandonedRunsAsync_ClockOfTheServer_Decides(string offset)
    {
        await SetClockAsync(offset);
        var stores = await _schema.OpenStoresAsync();
        var elsewhere = new RunOwner("a machine that is not this one", 1, "1");
        var left = await stores.CreateRunAsync(lease: new RunLease(elsewhere, TimeSpan.FromMinutes(10)), cancellationToken: Token);
        var alive = await stores.CreateRunAsync(lease: new RunLease(elsewhere, TimeSpan.FromMinutes(10)), cancellationToken: Token);
        Assert.Empty(await stores.Leases.EndAbandonedRunsAsync(Token));
        await SetClockAsync(offset + " 8 minutes");
        await stores.Leases.RenewLeasesAsync([alive.Id], new RunLease(elsewhere, TimeSpan.FromMinutes(10)), Token);
        await SetClockAsync(offset + " 16 minutes");
        Assert.Equal([left.Id], await stores.Leases.EndAbandonedRunsAsync(Token));
        await using var connection = await _schema.ConnectAsync();
        var now = (DateTime)(await PostgreSqlSchema.ScalarAsync(connection, "SELECT clock_timestamp()"))!;
        Assert.InRange(now - (await stores.Runs.FindRunAsync(left.Id, Token))!.EndTime!.Value.UtcDateTime, TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData("-1 day")]
    [InlineData("2 years")]
    public async Task TryAcquireLeaseAsync_ClockOfTheServer_Decides(string offset)
    {
        await SetClockAsync(offset);
        var (here, there) = (new RelationalStateStore(await _schema.OpenDatabaseAsync()), new RelationalStateStore(await _schema.OpenDatabaseAsync(), TimeProvider.System));
        var lease = (await here.TryAcquireLeaseAsync("key", TimeSpan.FromMinutes(10), Token))!;
        Assert.Null(await there.TryAcquireLeaseAsync("key", TimeSpan.FromMinutes(10), Token));
        await SetClockAsync(offset + " 8 minutes");
        Assert.True(await lease.RenewAsync(Token));
        await SetClockAsync(offset + " 16 minutes");
        Assert.Null(await there.TryAcquireLeaseAsync("key", TimeSpan.FromMinutes(10), Token));
        await SetClockAsync(offset + " 19 minutes");
        Assert.NotNull(await there.TryAcquireLeaseAsync("key", TimeSpan.FromMinutes(10), Token));
        Assert.False(await lease.RenewAsync(Token));
    }

    private async Task SetClockAsync(string offset)
    {
        await using var connection = await _schema.ConnectAsync();
        await PostgreSqlSchema.ScalarAsync(
            connection,
            $"CREATE OR REPLACE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.clock_timestamp() + interval '{offset}' $$");
    }
}
