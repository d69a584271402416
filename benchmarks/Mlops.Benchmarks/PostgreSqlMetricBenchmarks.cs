using BenchmarkDotNet.Attributes;
using Mlops.Tracking;
using Mlops.Tracking.PostgreSql;

namespace Mlops.Benchmarks;

/// <summary>
/// How many measurements a second does PostgreSQL take by COPY, with the latest values kept and each batch exactly once? To be held: 200,000, which is 5 µs each, with fsync on.
/// How long do registering and resolving take there? Needs a server: MLOPS_POSTGRES holds the connection string of an empty database.
/// </summary>
[MemoryDiagnoser]
public class PostgreSqlMetricBenchmarks
{
    private const int BatchSize = 50_000;
    private const int Names = 10;
    private static readonly ModelUri s_champion = ModelUri.Parse("models:/ridership@champion");

    private readonly Metric[] _metrics = new Metric[BatchSize];
    private readonly NewModelVersion _version = new("models/ridership", new string('a', 64));
    private RelationalDatabase _database = null!;
    private RelationalMetricAppender _appender = null!;
    private RelationalModelRegistry _registry = null!;
    private CachedModelResolver _cached = null!;
    private string _run = null!;
    private long _sequence;

    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup() => _database.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(Baseline = true, OperationsPerInvoke = BatchSize)]
    public Task Append()
    {
        _sequence++;
        for (var i = 0; i < BatchSize; i++)
        {
            // As loops log: several metrics at each step.
            var step = (_sequence * (BatchSize / Names)) + (i / Names);
            _metrics[i] = new Metric(_metrics[i].Name, step * 0.5, step, DateTimeOffset.FromUnixTimeMilliseconds(step));
        }

        return _appender.AppendAsync([new MetricBatch(_run, "w", _sequence, _metrics)]);
    }

    [Benchmark]
    public Task<ModelVersion> Register() => _registry.RegisterVersionAsync("ridership", _version);

    [Benchmark]
    public Task<ModelVersion> Resolve() => _registry.ResolveAsync(s_champion);

    [Benchmark]
    public Task<ModelVersion> ResolveFromMemory() => _cached.ResolveAsync(s_champion);

    private async Task SetupAsync()
    {
        var connectionString = Environment.GetEnvironmentVariable("MLOPS_POSTGRES")
            ?? throw new InvalidOperationException("Set MLOPS_POSTGRES to the connection string of an empty PostgreSQL database.");
        for (var i = 0; i < BatchSize; i++) _metrics[i] = new Metric(string.Intern($"metric {i % Names}"), 0, 0, default);
        _database = new RelationalDatabase(new PostgreSqlDialect(connectionString));
        (_appender, _registry) = (new RelationalMetricAppender(_database), new RelationalModelRegistry(_database));
        _cached = new CachedModelResolver(_registry);
        _run = Ids.Create(TimeProvider.System);
        var experiment = await new RelationalExperimentStore(_database).CreateExperimentAsync("benchmark " + _run);
        await new RelationalRunStore(_database).CreateRunAsync(new RunSnapshot(_run, experiment.Id, "a run", RunStatus.Running, DateTimeOffset.UnixEpoch), null);
        var version = await _registry.RegisterVersionAsync("ridership", _version);
        await _registry.SetAliasAsync("ridership", "champion", version.Version);
    }
}
