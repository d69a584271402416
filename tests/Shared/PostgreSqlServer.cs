using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Mlops.Tests;

/// <summary>A PostgreSQL server of the tests' own, with a fresh cluster in a temporary folder.</summary>
public class PostgreSqlServer : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlops-postgres-").FullName;
    private readonly int _port = FindPort();
    private string? _binaries;
    private string? _absence;

    /// <summary>Gets how to connect; skips the test where there is no PostgreSQL, or fails it where MLOPS_REQUIRE_SERVERS=1 promises one.</summary>
    public string ConnectionString
    {
        get
        {
            if (_absence is null) return $"Host=127.0.0.1;Port={_port};Username=tests;Database=postgres;Pooling=false";
            Assert.False(Environment.GetEnvironmentVariable("MLOPS_REQUIRE_SERVERS") == "1", _absence);
            Assert.Skip(_absence);
            return "";
        }
    }

    // The server refuses to run as root, so it runs as the user whom the Debian package has made.
    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>Gets whether what it acknowledges survives a power cut, as outside of tests; most tests do without, which is quicker.</summary>
    protected virtual bool IsDurable => false;

    private string Cluster => Path.Combine(_directory, "cluster");

    public async ValueTask InitializeAsync()
    {
        _binaries = FindBinaries();
        if (_binaries is null)
        {
            _absence = "PostgreSQL is not installed (Debian: apt-get install postgresql).";
            return;
        }

        if (IsRoot) await RunAsync("chown", "postgres", _directory);
        await RunOwnAsync("initdb", "--pgdata", Cluster, "--username", "tests", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C");
        await StartAsync();
    }

    /// <summary>Starts the server and waits until it answers.</summary>
    public Task StartAsync() => RunOwnAsync(
        "pg_ctl", "start", "--wait", "--timeout=60", "--silent", "--pgdata", Cluster, "--log", Path.Combine(_directory, "log"),
        "--options", $"-p {_port} -k {_directory} -c listen_addresses=127.0.0.1 -c fsync={(IsDurable ? "on" : "off")} -c max_connections=300");

    /// <summary>Stops the server and waits until it is gone.</summary>
    /// <param name="isCrash">Whether it goes without closing anything, as a crash does.</param>
    public Task StopAsync(bool isCrash = false) => RunOwnAsync("pg_ctl", "stop", "--wait", "--timeout=60", "--silent", "--pgdata", Cluster, "--mode", isCrash ? "immediate" : "fast");

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Cluster, "postmaster.pid"))) await StopAsync(isCrash: true);
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
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

    private Task RunOwnAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(_binaries!, program);
        return IsRoot ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments]) : RunAsync(path, arguments);
    }

    // Its output goes nowhere: a server that is started would keep the pipe open for as long as it runs.
    private static async Task RunAsync(string program, params string[] arguments)
    {
        var command = string.Join(' ', arguments.Prepend(program).Select(argument => $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command + " > /dev/null 2>&1 < /dev/null"]) { WorkingDirectory = Path.GetTempPath() })!;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command} ended with {process.ExitCode}.");
    }
}
