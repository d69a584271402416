using BenchmarkDotNet.Attributes;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;

namespace Mlops.Benchmarks;

/// <summary>
/// How long do registering a version and resolving an alias take in SQLite, with 1000 versions there? To be held: 2 ms (500 a second) to register, 1 ms to resolve, 50 µs to resolve
/// from memory, the file asked for changes each time included. WAL, synchronous = NORMAL.
/// </summary>
[MemoryDiagnoser]
public class RegistryBenchmarks
{
    private static readonly ModelUri s_champion = ModelUri.Parse("models:/ridership@champion");

    private readonly NewModelVersion _version = new("models/ridership", new string('a', 64)) { Tags = new Dictionary<string, string> { ["kind"] = "ridge" } };
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-benchmark-").FullName;
    private RelationalDatabase _database = null!;
    private RelationalModelRegistry _registry = null!;
    private CachedModelResolver _cached = null!;

    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup()
    {
        _database.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public Task<ModelVersion> Register() => _registry.RegisterVersionAsync("ridership", _version);

    [Benchmark(Baseline = true)]
    public Task<ModelVersion> Resolve() => _registry.ResolveAsync(s_champion);

    [Benchmark]
    public Task<ModelVersion> ResolveFromMemory() => _cached.ResolveAsync(s_champion);

    private async Task SetupAsync()
    {
        _database = new RelationalDatabase(new SqliteDialect(Path.Combine(_folder, "mlops.db")));
        _registry = new RelationalModelRegistry(_database);
        _cached = new CachedModelResolver(_registry);
        for (var i = 0; i < 1000; i++) await _registry.RegisterVersionAsync("ridership", _version);
        await _registry.SetAliasAsync("ridership", "champion", 500);
    }
}
