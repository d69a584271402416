using Mlops.Artifacts;
using Mlops.Tests;
using Npgsql;

namespace Mlops.Tracking.PostgreSql.Tests;

/// <summary>A server that asks each of its users for a password, in one of the three ways there are.</summary>
public sealed class PostgreSqlLoginTests : IAsyncLifetime
{
    private const string Secret = "s3cr3t-of-ann";

    private readonly PostgreSqlServer _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        await using (var connection = new NpgsqlConnection(_server.ConnectionString))
        {
            await connection.OpenAsync(Token);
            await ExecuteAsync(connection, $"SET password_encryption = 'scram-sha-256'; CREATE ROLE scram LOGIN PASSWORD '{Secret}'; CREATE ROLE clear LOGIN PASSWORD '{Secret}'");
            await ExecuteAsync(connection, $"SET password_encryption = 'md5'; CREATE ROLE hashed LOGIN PASSWORD '{Secret}'; ALTER DATABASE postgres OWNER TO scram; GRANT ALL ON SCHEMA public TO scram");
            await using var command = new NpgsqlCommand("SHOW hba_file", connection);
            var rules = (string)(await command.ExecuteScalarAsync(Token))!;
            await File.WriteAllTextAsync(rules, "local all all trust\nhost all scram 127.0.0.1/32 scram-sha-256\nhost all hashed 127.0.0.1/32 md5\nhost all clear 127.0.0.1/32 password\n", Token);
        }

        await _server.StopAsync();
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("scram")]
    [InlineData("hashed")]
    [InlineData("clear")]
    public async Task OpenAsync_NoPassword_SaysForGoodThatOneIsNeeded(string user)
    {
        var error = await FailAsync(settings => settings.Username = user);
        Assert.StartsWith("The database 'postgres' at 127.0.0.1:", error.Message, StringComparison.Ordinal);
        Assert.Contains("asks for a password, and none was given. Add Password=", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_NoPasswordForAnyOfTheHosts_SaysForGoodThatOneIsNeeded()
    {
        var error = await FailAsync(settings => (settings.Username, settings.Host) = ("scram", "127.0.0.1,127.0.0.1"));
        Assert.Contains("asks for a password", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_WrongPassword_SaysForGoodThatItIsRefused()
    {
        var error = await FailAsync(settings => (settings.Username, settings.Password) = ("scram", Secret + "!"));
        Assert.Contains("refused the login", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_TlsWhereTheServerHasNone_SaysForGoodThatItIsOff()
    {
        var error = await FailAsync(settings => (settings.Username, settings.Password, settings.SslMode) = ("scram", Secret, SslMode.Require));
        Assert.Contains("offers no TLS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_LoginsAreNotBoundToTls_NamesTheKeyword()
    {
        var error = await FailAsync(settings => (settings.Username, settings.Password, settings.ChannelBinding) = ("scram", Secret, ChannelBinding.Require));
        Assert.Contains("'Channel Binding'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_RightPassword_Opens()
    {
        var settings = new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Username = "scram", Password = Secret };
        await using var tracking = await PostgreSqlTracking.OpenAsync(settings.ConnectionString, new InMemoryArtifactStore(), cancellationToken: Token);
        var run = await tracking.Tracker.RunAsync("e", _ => Task.CompletedTask, cancellationToken: Token);
        Assert.Equal(RunStatus.Finished, run.Status);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private async Task<StorageException> FailAsync(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder(_server.ConnectionString);
        change(settings);
        var error = await Assert.ThrowsAsync<StorageException>(
            () => PostgreSqlTracking.OpenAsync(settings.ConnectionString, new InMemoryArtifactStore(), cancellationToken: Token));
        Assert.False(error.IsTransient);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
        return error;
    }
}
