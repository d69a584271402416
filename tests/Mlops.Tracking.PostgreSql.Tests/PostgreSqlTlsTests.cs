using System.Diagnostics;
using Mlops.Artifacts;
using Mlops.Tests;
using Npgsql;

namespace Mlops.Tracking.PostgreSql.Tests;

/// <summary>A server with TLS and a certificate that it has signed itself, for a host of another name.</summary>
public sealed class PostgreSqlTlsTests : IAsyncLifetime
{
    private readonly PostgreSqlServer _server = new();
    private string _certificate = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        string folder;
        await using (var connection = new NpgsqlConnection(_server.ConnectionString))
        {
            await connection.OpenAsync(Token);
            await using var command = new NpgsqlCommand("SHOW data_directory", connection);
            folder = (string)(await command.ExecuteScalarAsync(Token))!;
        }

        var key = Path.Combine(folder, "server.key");
        _certificate = Path.Combine(folder, "server.crt");
        await RunAsync("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=db.example.org", "-keyout", key, "-out", _certificate);
        await RunAsync("chmod", "600", key);
        await RunAsync("chown", "--reference", Path.Combine(folder, "PG_VERSION"), key, _certificate);
        await File.AppendAllTextAsync(Path.Combine(folder, "postgresql.conf"), "\nssl = on\n", Token);
        await _server.StopAsync();
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(SslMode.VerifyCA, "127.0.0.1")]
    [InlineData(SslMode.VerifyFull, "127.0.0.1")]
    [InlineData(SslMode.VerifyFull, "127.0.0.1,127.0.0.1")]
    public async Task OpenAsync_CertificateOfNoKnownIssuer_SaysForGoodThatItCannotBeVerified(SslMode mode, string host)
    {
        var error = await FailAsync(settings => (settings.SslMode, settings.Host) = (mode, host));
        Assert.Contains("has a certificate that cannot be verified: its issuer is not known here", error.Message, StringComparison.Ordinal);
        Assert.Contains("'Root Certificate'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_CertificateOfAnotherHost_SaysForGoodThatTheNameDoesNotFit()
    {
        var error = await FailAsync(settings => (settings.SslMode, settings.RootCertificate) = (SslMode.VerifyFull, _certificate));
        Assert.Contains("or its name or dates do not fit", error.Message, StringComparison.Ordinal);
        Assert.Contains("'SSL Mode=VerifyCA'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_RootCertificateIsNotThere_NamesTheFile()
    {
        var error = await FailAsync(settings => (settings.SslMode, settings.RootCertificate) = (SslMode.VerifyCA, _certificate + ".absent"));
        Assert.Contains($"the file of 'Root Certificate' in the connection string, '{_certificate}.absent', is not there", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent.pfx")]
    [InlineData("absent.pem")]
    public async Task OpenAsync_CertificateOfTheClientIsNotThere_NamesTheFile(string name)
    {
        var error = await FailAsync(settings => (settings.SslMode, settings.SslCertificate, settings.SslPassword) = (SslMode.Require, _certificate + name, "s3cr3t"));
        Assert.Contains($"'SSL Certificate' ('{_certificate}{name}', which is not there)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_CertificateOfTheClientIsNone_NamesTheKeywords()
    {
        var error = await FailAsync(settings => (settings.SslMode, settings.SslCertificate, settings.SslKey) = (SslMode.Require, typeof(string).Assembly.Location, "absent.key"));
        Assert.Contains("'SSL Key' ('absent.key', which is not there)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_LoginOfAKindThatIsNotAllowed_NamesTheKeyword()
    {
        var error = await FailAsync(settings => settings.RequireAuth = "ScramSHA256");
        Assert.Contains("'Require Auth'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_SettingThatNpgsqlCannotUse_SaysWhatItSays()
    {
        var error = await FailAsync(settings => settings.Encoding = "nonsense");
        Assert.Contains("cannot be opened by this connection string: 'nonsense' is not a supported encoding name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_NoHostOfTheKindAskedFor_SaysForNowThatThereIsNone()
    {
        var settings = new NpgsqlConnectionStringBuilder(_server.ConnectionString) { TargetSessionAttributes = "standby" };
        settings.Host = $"127.0.0.1,127.0.0.1:{settings.Port}";
        var error = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(settings));
        Assert.True(error.IsTransient);
        Assert.StartsWith($"The database 'postgres' at 127.0.0.1:{settings.Port}, 127.0.0.1:{settings.Port} has no host of the kind that 'Target Session Attributes'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>What the message about a standby recommends works.</summary>
    [Fact]
    public async Task OpenAsync_PrimaryOfSeveralHosts_Opens()
    {
        var settings = new NpgsqlConnectionStringBuilder(_server.ConnectionString) { TargetSessionAttributes = "primary", Host = "127.0.0.1,127.0.0.1" };
        await using var tracking = await OpenAsync(settings);
        Assert.Equal(RunStatus.Finished, (await tracking.Tracker.RunAsync("e", _ => Task.CompletedTask, cancellationToken: Token)).Status);
    }

    [Fact]
    public async Task OpenAsync_CertificateThatIsVerified_Opens()
    {
        var settings = new NpgsqlConnectionStringBuilder(_server.ConnectionString) { SslMode = SslMode.VerifyCA, RootCertificate = _certificate };
        await using var tracking = await OpenAsync(settings);
        Assert.Equal(RunStatus.Finished, (await tracking.Tracker.RunAsync("e", _ => Task.CompletedTask, cancellationToken: Token)).Status);
    }

    private static Task<PostgreSqlTracking> OpenAsync(NpgsqlConnectionStringBuilder settings)
        => PostgreSqlTracking.OpenAsync(settings.ConnectionString, new InMemoryArtifactStore(), cancellationToken: Token);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var problem = await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, problem);
    }

    private async Task<StorageException> FailAsync(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder(_server.ConnectionString);
        change(settings);
        var error = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(settings));
        Assert.False(error.IsTransient);
        Assert.StartsWith("The database 'postgres' at 127.0.0.1:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", error.ToString(), StringComparison.Ordinal);
        return error;
    }
}
