using System.Globalization;
using BenchmarkDotNet.Attributes;
using Mlops.Tracking;

namespace Mlops.Benchmarks;

/// <summary>How long does the first page of 100 take among 100,000 runs with 10 metrics and 5 params each, in SQLite, at any selectivity? To be held: 25 ms, in the worst case 60.</summary>
[MemoryDiagnoser]
public class RunSearchBenchmarks
{
    private const int Count = 100_000;
    private const int BatchSize = 1000;

    // Filled once for all cases, which read only.
    private static readonly Lazy<TrackingDatabase> s_database = new(() => FillAsync().GetAwaiter().GetResult());

    private string _filter = null!;

    [Params(0.001, 0.01, 0.03, 0.1, 0.5)]
    public double Selectivity { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _ = s_database.Value;
        _filter = string.Create(CultureInfo.InvariantCulture, $"metrics.m0 > {1 - Selectivity}");
    }

    [Benchmark(Baseline = true)]
    public Task<Page<RunSnapshot>> LatestWithoutFilter() => SearchAsync("", "start_time DESC");

    [Benchmark]
    public Task<Page<RunSnapshot>> MetricFilter() => SearchAsync(_filter, "metrics.m1 DESC");

    [Benchmark]
    public Task<Page<RunSnapshot>> MetricAndParamFilter() => SearchAsync(_filter + " AND params.p0 = '1'", "metrics.m1 DESC");

    [Benchmark]
    public Task<Page<RunSnapshot>> MetricFilterLatest() => SearchAsync(_filter, "start_time DESC");

    /// <summary>The runs that fulfil the filter are the last in the order: the worst there is.</summary>
    [Benchmark]
    public Task<Page<RunSnapshot>> MetricFilterAgainstTheOrder() => SearchAsync(_filter, "metrics.m9 DESC");

    /// <summary>The same with a param that a fifth of the runs has.</summary>
    [Benchmark]
    public Task<Page<RunSnapshot>> MetricAndParamFilterAgainstTheOrder() => SearchAsync(_filter + " AND params.p0 = '1'", "metrics.m9 DESC");

    /// <summary>The same with a second metric that half of the runs fulfil.</summary>
    [Benchmark]
    public Task<Page<RunSnapshot>> TwoMetricsFilterAgainstTheOrder() => SearchAsync(_filter + " AND metrics.m2 > 0.5", "metrics.m9 DESC");

    /// <summary>The same with both.</summary>
    [Benchmark]
    public Task<Page<RunSnapshot>> TwoMetricsAndParamFilterAgainstTheOrder() => SearchAsync(_filter + " AND metrics.m2 > 0.5 AND params.p0 = '1'", "metrics.m9 DESC");

    private Task<Page<RunSnapshot>> SearchAsync(string filter, string order)
        => s_database.Value.Runs.SearchRunsAsync(new RunQuery("e") { Filter = RunSearch.Filter(filter), OrderBy = RunSearch.Order(order), MaxResults = 100 });

    private static async Task<TrackingDatabase> FillAsync()
    {
        var database = new TrackingDatabase();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => database.DisposeAsync().AsTask().GetAwaiter().GetResult();
        var experiment = await database.Experiments.CreateExperimentAsync("e");
        var (random, batches) = (new Random(1), new List<MetricBatch>());
        for (var i = 0; i < Count; i++)
        {
            // Drawn from 5, 50, 500 … values.
            var parameters = Enumerable.Range(0, 5).ToDictionary(param => $"p{param}", param => random.Next(5 * (int)Math.Pow(10, param)).ToString(CultureInfo.InvariantCulture));
            var run = await database.CreateRunAsync(experiment.Id, i, parameters);
            var first = random.NextDouble();
            var metrics = Enumerable.Range(0, 10).Select(metric => new Metric($"m{metric}", metric switch { 0 => first, 9 => 1 - first, _ => random.NextDouble() }, 1, TrackingDatabase.Start));
            batches.Add(new MetricBatch(run.Id, "w", 1, metrics.ToArray()));
            if (batches.Count < BatchSize) continue;
            await database.Metrics.AppendAsync(batches);
            batches.Clear();
        }

        return database;
    }
}
