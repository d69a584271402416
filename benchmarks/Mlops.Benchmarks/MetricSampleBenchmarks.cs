using BenchmarkDotNet.Attributes;
using Mlops.Tracking;

namespace Mlops.Benchmarks;

/// <summary>How long does it take to sample 1,000 of 1,000,000 measurements in SQLite, spread over their steps, or over the time of a single step? To be held: 50 ms.</summary>
[MemoryDiagnoser]
public class MetricSampleBenchmarks
{
    private const int Count = 1_000_000;
    private const int BatchSize = 10_000;

    private TrackingDatabase _database = null!;
    private RunSnapshot _run = null!;

    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup() => _database.DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>The floor: a page of as many that follow each other.</summary>
    [Benchmark(Baseline = true)]
    public Task<Page<Metric>> FirstPage() => _database.Metrics.ReadAsync(new MetricQuery(_run.Id, "steps") { MaxResults = 1000 });

    [Benchmark]
    public Task<IReadOnlyList<Metric>> OverSteps() => _database.Metrics.SampleAsync(new MetricQuery(_run.Id, "steps"), 1000);

    [Benchmark]
    public Task<IReadOnlyList<Metric>> OverTimeOfOneStep() => _database.Metrics.SampleAsync(new MetricQuery(_run.Id, "one step"), 1000);

    private async Task SetupAsync()
    {
        _database = new TrackingDatabase();
        _run = await _database.CreateRunAsync((await _database.Experiments.CreateExperimentAsync("e")).Id);
        for (var first = 0; first < Count; first += BatchSize)
        {
            var metrics = Enumerable.Range(first, BatchSize).SelectMany(i => new[]
            {
                new Metric("steps", i, i, TrackingDatabase.Start.AddMilliseconds(i)), new Metric("one step", i, 0, TrackingDatabase.Start.AddMilliseconds(i)),
            });
            await _database.Metrics.AppendAsync([new MetricBatch(_run.Id, "w", 1 + first, metrics.ToArray())]);
        }
    }
}
