using Mlops.Tracking;
using Mlops.Tracking.Sqlite;

namespace Mlops.Benchmarks;

/// <summary>A new SQLite file in the folder for temporary files, and stores over it. WAL, synchronous = NORMAL, as the package always has it.</summary>
internal sealed class TrackingDatabase : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-benchmark-").FullName;
    private readonly RelationalDatabase _database;

    public TrackingDatabase()
    {
        Path = System.IO.Path.Combine(_folder, "mlops.db");
        _database = new RelationalDatabase(new SqliteDialect(Path));
        (Experiments, Runs, Metrics) = (new RelationalExperimentStore(_database), new RelationalRunStore(_database), new RelationalMetricAppender(_database));
    }

    public static DateTimeOffset Start { get; } = new(2024, 2, 29, 12, 0, 0, TimeSpan.Zero);

    public string Path { get; }

    public RelationalExperimentStore Experiments { get; }

    public RelationalRunStore Runs { get; }

    public RelationalMetricAppender Metrics { get; }

    public async Task<RunSnapshot> CreateRunAsync(string experiment, int number = 0, IReadOnlyDictionary<string, string>? parameters = null, RunLease? lease = null)
    {
        var run = new RunSnapshot(Ids.Create(TimeProvider.System), experiment, "a run", RunStatus.Running, Start.AddSeconds(number)) { Params = parameters ?? new Dictionary<string, string>() };
        await Runs.CreateRunAsync(run, lease);
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
