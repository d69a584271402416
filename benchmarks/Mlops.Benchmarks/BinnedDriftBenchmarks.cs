using BenchmarkDotNet.Attributes;
using Mlops.Monitoring;

namespace Mlops.Benchmarks;

/// <summary>
/// What do a population stability index with known edges and a chi-squared test on codes cost for a million rows a side, against only reading the rows, and against a loop that looks every row up?
/// </summary>
[MemoryDiagnoser]
public class BinnedDriftBenchmarks
{
    private double[] _reference = [];
    private double[] _current = [];
    private int[] _referenceCodes = [];
    private int[] _currentCodes = [];
    private double[] _edges = [];
    private PopulationStabilityIndex _equalWidth = null!;
    private PopulationStabilityIndex _quantiles = null!;
    private PopulationStabilityIndex _fine = null!;
    private PopulationStabilityIndex _unknown = null!;
    private readonly ChiSquared _chiSquared = new();

    [Params(1_000_000)]
    public int Rows { get; set; }

    [Params(8, 40)]
    public int Categories { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _reference = [.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble() + random.NextDouble() + random.NextDouble())];
        _current = [.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble() + random.NextDouble() + random.NextDouble())];
        _referenceCodes = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(Categories))];
        _currentCodes = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(Categories))];
        _edges = Binning.Quantiles(10).GetEdges(_reference).Inner.ToArray();
        _quantiles = new PopulationStabilityIndex(Binning.At(_edges));
        _equalWidth = new PopulationStabilityIndex(Binning.At(Binning.EqualWidth(10).GetEdges(_reference).Inner));
        _fine = new PopulationStabilityIndex(Binning.At(Binning.Quantiles(100).GetEdges(_reference).Inner));
        _unknown = new PopulationStabilityIndex(Binning.EqualWidth(10));
    }

    [Benchmark(Baseline = true)]
    public double ReadRows() => System.Numerics.Tensors.TensorPrimitives.Sum(_reference) + System.Numerics.Tensors.TensorPrimitives.Sum(_current);

    [Benchmark]
    public double? PsiOfTenQuantiles() => _quantiles.Test(_reference, _current).Statistic;

    [Benchmark]
    public double? PsiOfTenEqualWidths() => _equalWidth.Test(_reference, _current).Statistic;

    [Benchmark]
    public double? PsiOfHundredQuantiles() => _fine.Test(_reference, _current).Statistic;

    [Benchmark]
    public double? PsiOfTenEqualWidthsOfTheReference() => _unknown.Test(_reference, _current).Statistic;

    [Benchmark]
    public long LookUpEachRow()
    {
        var counts = new long[_edges.Length + 1];
        foreach (var value in _reference) counts[Find(value)]++;
        foreach (var value in _current) counts[Find(value)]--;
        return counts[0];
    }

    [Benchmark]
    public double? ChiSquaredOnCodes()
    {
        var table = ContingencyTable.FromCodes(_referenceCodes, _currentCodes, Categories);
        return _chiSquared.Test(table.Reference, table.Current).PValue;
    }

    [Benchmark]
    public long CountCodesOneByOne()
    {
        var counts = new long[Categories];
        foreach (var code in _referenceCodes) counts[code]++;
        foreach (var code in _currentCodes) counts[code]--;
        return counts[0];
    }

    private int Find(double value)
    {
        var position = Array.BinarySearch(_edges, value);
        return position >= 0 ? position + 1 : ~position;
    }
}
