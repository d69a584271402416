using BenchmarkDotNet.Attributes;
using Mlops.Artifacts;
using Mlops.Tracking;
using Mlops.Tracking.PostgreSql;
using Mlops.Tracking.Sqlite;

namespace Mlops.Benchmarks;

/// <summary>
/// How many measurements a second do loops log that never pause, until all are durable, each exactly once? To be held: 400,000 in SQLite (2.5 µs each; WAL, synchronous = NORMAL), 200,000 in
/// PostgreSQL (5 µs; fsync as the server has it). PostgreSQL needs a server: MLOPS_POSTGRES holds the connection string of an empty database.
/// </summary>
[MemoryDiagnoser]
[IterationCount(5)]
public class SustainedMetricBenchmarks
{
    private const int Count = 1_000_000;

    private static readonly string[] s_names = [.. Enumerable.Range(0, 10).Select(i => $"metric {i}")];
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-benchmark-").FullName;
    private SqliteTracking? _sqlite;
    private PostgreSqlTracking? _postgreSql;

    [Params(1, 4)]
    public int Threads { get; set; }

    [GlobalSetup(Target = nameof(Sqlite))]
    public void OpenSqlite() => _sqlite = SqliteTracking.OpenAsync(Path.Combine(_folder, "mlops.db")).GetAwaiter().GetResult();

    [GlobalSetup(Target = nameof(PostgreSql))]
    public void OpenPostgreSql() => _postgreSql = PostgreSqlTracking.OpenAsync(Environment.GetEnvironmentVariable("MLOPS_POSTGRES")
        ?? throw new InvalidOperationException("Set MLOPS_POSTGRES to the connection string of an empty PostgreSQL database."), new InMemoryArtifactStore()).GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup()
    {
        _sqlite?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _postgreSql?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public Task Sqlite() => LogAsync(_sqlite!.Tracker);

    [Benchmark(OperationsPerInvoke = Count)]
    public Task PostgreSql() => LogAsync(_postgreSql!.Tracker);

    private Task<RunSnapshot> LogAsync(Tracker tracker) => tracker.RunAsync("sustained", async run =>
    {
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(() => Log(run, thread), TaskCreationOptions.LongRunning)));
        await run.FlushAsync();
    });

    private void Log(Run run, int thread)
    {
        // As loops log: several metrics at each step.
        for (var i = thread * (Count / Threads); i < (thread + 1) * (Count / Threads); i++) run.LogMetric(s_names[i % s_names.Length], i * 0.5, i / s_names.Length);
    }
}
