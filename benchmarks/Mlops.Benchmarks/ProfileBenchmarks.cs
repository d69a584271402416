using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Benchmarks;

/// <summary>What does a profile of 1 M rows × 20 numeric columns cost: moments, quantiles and numbers of different values, and what is asked for beside them?</summary>
[MemoryDiagnoser]
public class ProfileBenchmarks
{
    private const int Rows = 1_000_000;
    private const int Columns = 20;
    private InMemoryDataset _dataset = null!;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _dataset = InMemoryDataset.FromColumns("numbers", [.. Enumerable.Range(0, Columns).Select(i =>
        {
            var values = new double[Rows];
            foreach (ref var value in values.AsSpan()) value = random.NextDouble() * (i + 1);
            return (new ColumnSchema($"c{i}", ElementType.Float64, i == 0 ? ColumnRole.Label : ColumnRole.Feature), (Column)new Column<double>(values));
        })]);
    }

    [Benchmark(Baseline = true)]
    public Task<DatasetProfile> OneThread() => DatasetProfile.CreateAsync(_dataset);

    [Benchmark]
    public Task<DatasetProfile> TwoThreads() => DatasetProfile.CreateAsync(_dataset, new DatasetProfileOptions { Parallelism = 2 });

    [Benchmark]
    public Task<DatasetProfile> WithCorrelations() => DatasetProfile.CreateAsync(_dataset, new DatasetProfileOptions { Correlations = true });

    [Benchmark]
    public Task<DatasetProfile> WithLabelInformation() => DatasetProfile.CreateAsync(_dataset, new DatasetProfileOptions { LabelInformation = true });
}
