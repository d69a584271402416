using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;
using Mlops.Tracking;

namespace Mlops.Benchmarks;

/// <summary>How many measurements a second does SQLite take, with the latest values kept and each batch exactly once? To be held: 400,000, which is 2.5 µs each. WAL, synchronous = NORMAL.</summary>
[MemoryDiagnoser]
public class SqliteMetricBenchmarks
{
    private const int BatchSize = 10_000;
    private const int Names = 10;

    private readonly Metric[] _metrics = new Metric[BatchSize];
    private TrackingDatabase _database = null!;
    private SqliteConnection _connection = null!;
    private RunSnapshot _run = null!;
    private long _sequence;

    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup()
    {
        _connection.Dispose();
        _database.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>The floor: nothing but rows into a table of the same shape, by one prepared statement of ADO.NET.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = BatchSize)]
    public void PlainTable()
    {
        Fill();
        using var transaction = _connection.BeginTransaction();
        using var command = _connection.CreateCommand();
        command.CommandText = "INSERT INTO plain VALUES (1, @name, @step, @timestamp, @value, 0) ON CONFLICT DO NOTHING";
        var (name, step, timestamp, value) = (command.Parameters.AddWithValue("@name", 0L), command.Parameters.AddWithValue("@step", 0L), command.Parameters.AddWithValue("@timestamp", 0L), command.Parameters.AddWithValue("@value", 0.0));
        for (var i = 0; i < BatchSize; i++)
        {
            name.Value = (long)(i % Names);
            step.Value = _metrics[i].Step;
            timestamp.Value = _metrics[i].Timestamp.ToUnixTimeMilliseconds();
            value.Value = _metrics[i].Value;
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    [Benchmark(OperationsPerInvoke = BatchSize)]
    public Task Append()
    {
        Fill();
        return _database.Metrics.AppendAsync([new MetricBatch(_run.Id, "w", _sequence, _metrics)]);
    }

    private void Fill()
    {
        _sequence++;
        for (var i = 0; i < BatchSize; i++)
        {
            // As loops log: several metrics at each step.
            var step = (_sequence * (BatchSize / Names)) + (i / Names);
            _metrics[i] = new Metric(_metrics[i].Name, step * 0.5, step, TrackingDatabase.Start.AddMilliseconds(step));
        }
    }

    private async Task SetupAsync()
    {
        for (var i = 0; i < BatchSize; i++) _metrics[i] = new Metric(string.Intern($"metric {i % Names}"), 0, 0, default);
        _database = new TrackingDatabase();
        _run = await _database.CreateRunAsync((await _database.Experiments.CreateExperimentAsync("e")).Id);
        _connection = new SqliteConnection($"Data Source={_database.Path}.plain;Pooling=False");
        await _connection.OpenAsync();
        await using var command = _connection.CreateCommand();
        command.CommandText = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;
            CREATE TABLE plain (run INTEGER, name INTEGER, step INTEGER, timestamp INTEGER, value REAL, is_nan INTEGER, PRIMARY KEY (run, name, step, timestamp, value, is_nan)) WITHOUT ROWID;
            """;
        await command.ExecuteNonQueryAsync();
    }
}
