using System.Globalization;
using BenchmarkDotNet.Attributes;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;

namespace Mlops.Benchmarks;

/// <summary>How long does a run with 10 params and 10 metrics take from its start to its end in SQLite, by the stores and by the tracker? To be held: 1 ms, 1,000 runs a second.</summary>
[MemoryDiagnoser]
public class RunStartBenchmarks
{
    private const int RunsAtATime = 4;

    private readonly Param[] _params = [.. Enumerable.Range(0, 10).Select(i => new Param($"param {i}", i.ToString(CultureInfo.InvariantCulture)))];
    private readonly Metric[] _metrics = [.. Enumerable.Range(0, 10).Select(i => new Metric($"metric {i}", i, 1, TrackingDatabase.Start))];
    private TrackingDatabase _database = null!;
    private SqliteTracking _tracking = null!;
    private RunLease _lease = null!;
    private string _experiment = null!;
    private string _folder = null!;

    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup() => CleanupAsync().GetAwaiter().GetResult();

    /// <summary>Three transactions: the run with its lease, the metrics, the params with the end.</summary>
    [Benchmark(Baseline = true)]
    public async Task Stores()
    {
        var run = await _database.CreateRunAsync(_experiment, lease: _lease);
        await _database.Metrics.AppendAsync([new MetricBatch(run.Id, "w", 1, _metrics)]);
        await _database.Runs.UpdateRunAsync(run.Id, new RunChanges { Params = _params, End = new RunEnd(RunStatus.Finished, TrackingDatabase.Start) });
    }

    [Benchmark]
    public Task Tracker() => _tracking.Tracker.RunAsync("e", run =>
    {
        foreach (var param in _params) run.LogParam(param.Name, param.Value);
        foreach (var metric in _metrics) run.LogMetric(metric.Name, metric.Value, metric.Step);
        return Task.CompletedTask;
    });

    /// <summary>As an application that trains several models at once: the writer ends the runs of all in one transaction.</summary>
    [Benchmark(OperationsPerInvoke = RunsAtATime)]
    public Task TrackerFourAtATime() => Task.WhenAll(Enumerable.Range(0, RunsAtATime).Select(_ => Tracker()));

    private async Task SetupAsync()
    {
        _database = new TrackingDatabase();
        _experiment = (await _database.Experiments.CreateExperimentAsync("e")).Id;
        _lease = new RunLease(RunOwner.Current, TimeSpan.FromDays(36525));
        _folder = Directory.CreateTempSubdirectory("mlops-benchmark-").FullName;
        _tracking = await SqliteTracking.OpenAsync(Path.Combine(_folder, "mlops.db"));
    }

    private async Task CleanupAsync()
    {
        await _tracking.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
