using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Monitoring;
using Mlops.Profiles;

namespace Mlops.Benchmarks;

/// <summary>What does a drift report of 200 columns over 1 M rows on both sides cost, on all processors, with the HTML?</summary>
/// <remarks>
/// Ten columns of each side are made, of every kind of number and of categories, and each stands twenty times in the dataset under names of its own: the work is that of 200 columns,
/// and the machine need not hold 3 GB.
/// </remarks>
[MemoryDiagnoser]
public class DriftReportBenchmarks
{
    private const int Rows = 1_000_000;
    private const int Columns = 200;
    private InMemoryDataset _reference = null!;
    private InMemoryDataset _current = null!;
    private DatasetProfile _referenceProfile = null!;
    private DatasetProfile _currentProfile = null!;

    [GlobalSetup]
    public void Setup()
    {
        (_reference, _current) = (Make(1, 0), Make(2, 0.02));
        (_referenceProfile, _currentProfile) = (Profile(_reference), Profile(_current));
    }

    /// <summary>All 200 columns by their values.</summary>
    [Benchmark]
    public async Task<int> Values() => (await DriftReport.CreateAsync(_reference, _current)).Findings.Count;

    /// <summary>The same, and written as HTML.</summary>
    [Benchmark]
    public async Task<long> ValuesAndHtml()
    {
        using var stream = new MemoryStream();
        await (await DriftReport.CreateAsync(_reference, _current)).WriteHtmlAsync(stream);
        return stream.Length;
    }

    /// <summary>All 200 columns by profiles that were made before.</summary>
    [Benchmark]
    public int Profiles() => DriftReport.Create(_referenceProfile, _currentProfile).Findings.Count;

    private static DatasetProfile Profile(InMemoryDataset dataset)
    {
        var profile = new DatasetProfile(dataset.Schema, new DatasetProfileOptions { QuantileK = 2048, Parallelism = Environment.ProcessorCount });
        profile.Add(dataset.Batches[0]);
        return profile;
    }

    private static InMemoryDataset Make(int seed, double shift)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        Column Numbers(Func<int, double> value) => new Column<double>([.. Enumerable.Range(0, Rows).Select(value)]);
        string[] names = [.. Enumerable.Range(0, 40).Select(i => $"category {i}")];
        Column[] columns =
        [
            Numbers(_ => random.NextDouble()), Numbers(_ => Normal() + shift), Numbers(_ => Math.Exp(Normal() + shift)), Numbers(i => i % 1000 == 0 ? 1e9 * Normal() : Normal()),
            Numbers(_ => random.Next(100)), Numbers(i => i % 10 == 0 ? double.NaN : Normal()), Numbers(_ => random.Next(5)),
            new Column<float>([.. Enumerable.Range(0, Rows).Select(_ => (float)Normal())]),
            new Column<bool>([.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble() < 0.3 + shift)]),
            TextColumn.FromCodes([.. Enumerable.Range(0, Rows).Select(_ => (int)(40 * random.NextDouble() * random.NextDouble()))], names),
        ];
        return InMemoryDataset.FromColumns("columns", [.. Enumerable.Range(0, Columns).Select(i => (new ColumnSchema($"column {i}", columns[i % 10].Type), columns[i % 10]))]);
    }
}
