using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Mlops.Core.Tests.Data;

/// <summary>A PostgreSQL server of the tests' own, with a fresh cluster in a temporary folder.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlops-postgres-").FullName;
    private Process? _server;
    private string _connectionString = "";
    private string? _absence;

    /// <summary>Gets how to connect; skips the test where there is no PostgreSQL, or fails it where MLOPS_REQUIRE_SERVERS=1 promises one.</summary>
    public string ConnectionString
    {
        get
        {
            if (_absence is null) return _connectionString;
            Assert.False(Environment.GetEnvironmentVariable("MLOPS_REQUIRE_SERVERS") == "1", _absence);
            Assert.Skip(_absence);
            return "";
        }
    }

    public async ValueTask InitializeAsync()
    {
        var binaries = FindBinaries();
        if (binaries is null)
        {
            _absence = "PostgreSQL is not installed (Debian: apt-get install postgresql).";
            return;
        }

        // The server refuses to run as root, so it runs as the user whom the Debian package has made.
        var isRoot = Environment.UserName == "root";
        if (isRoot) await RunAsync("chown", "postgres", _directory);
        await RunAsPostgresAsync(isRoot, Path.Combine(binaries, "initdb"), "--pgdata", _directory, "--username", "tests", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C");
        var port = FindPort();
        _server = Start(isRoot, Path.Combine(binaries, "postgres"), "-D", _directory, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-k", _directory, "-c", "fsync=off");
        _connectionString = $"Host=127.0.0.1;Port={port};Username=tests;Database=postgres;Pooling=false";
        await WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            // SIGINT is a fast shutdown; the server must be gone before its folder goes.
            await RunAsync("pkill", "-INT", "-f", $"postgres -D {_directory}");
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static string? FindBinaries()
        => Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).LastOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            : null;

    private static int FindPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Start(bool asPostgres, string program, params string[] arguments)
    {
        var start = asPostgres ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", program, .. arguments]) : new ProcessStartInfo(program, arguments);
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        start.WorkingDirectory = Path.GetTempPath();
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task RunAsPostgresAsync(bool isRoot, string program, params string[] arguments)
    {
        using var process = Start(isRoot, program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static Task RunAsync(string program, params string[] arguments) => RunAsPostgresAsync(false, program, arguments);

    private async Task WaitAsync()
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new Npgsql.NpgsqlConnection(_connectionString);
                await connection.OpenAsync();
                return;
            }
            catch (Npgsql.NpgsqlException) when (started.Elapsed < TimeSpan.FromSeconds(30) && !_server!.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }
}
