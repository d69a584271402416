using BenchmarkDotNet.Attributes;
using Mlops.Monitoring;

namespace Mlops.Benchmarks;

/// <summary>What does it cost to compare two samples of numbers, against sorting them and reading the Kolmogorov–Smirnov distance off?</summary>
[MemoryDiagnoser]
public class DriftBenchmarks
{
    private readonly KolmogorovSmirnov _kolmogorovSmirnov = new(method: PValueMethod.Asymptotic);
    private readonly Wasserstein _wasserstein = new();
    private readonly MannWhitney _mannWhitney = new();
    private double[] _reference = [];
    private double[] _current = [];
    private double[] _sortedReference = [];
    private double[] _sortedCurrent = [];
    private SortedSample _presorted = new([]);

    [Params(100_000, 1_000_000)]
    public int Count { get; set; }

    [Params("uniform", "normal", "lognormal", "outliers", "ties")]
    public string Distribution { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _reference = Draw(1);
        _current = Draw(2);
        _sortedReference = new double[Count];
        _sortedCurrent = new double[Count];
        _presorted = new SortedSample(_reference);
    }

    /// <summary>The floor: both sorted by the platform, then one merging pass.</summary>
    [Benchmark(Baseline = true)]
    public double SortAndMerge()
    {
        _reference.CopyTo(_sortedReference, 0);
        _current.CopyTo(_sortedCurrent, 0);
        Array.Sort(_sortedReference);
        Array.Sort(_sortedCurrent);
        int i = 0, j = 0, largest = 0;
        while (i < Count && j < Count)
        {
            var value = Math.Min(_sortedReference[i], _sortedCurrent[j]);
            while (i < Count && _sortedReference[i] <= value) i++;
            while (j < Count && _sortedCurrent[j] <= value) j++;
            largest = Math.Max(largest, Math.Abs(i - j));
        }

        return (double)largest / Count;
    }

    [Benchmark]
    public DriftResult KolmogorovSmirnovTest() => _kolmogorovSmirnov.Test(_reference, _current);

    [Benchmark]
    public DriftResult WassersteinTest() => _wasserstein.Test(_reference, _current);

    [Benchmark]
    public DriftResult WassersteinTestOfSortedReference() => _wasserstein.Test(_presorted, new SortedSample(_current));

    [Benchmark]
    public DriftResult MannWhitneyTest() => _mannWhitney.Test(_reference, _current);

    private double[] Draw(int seed)
    {
        var random = new Random(seed);
        var values = new double[Count];
        for (var i = 0; i < values.Length; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            values[i] = Distribution switch
            {
                "uniform" => random.NextDouble(),
                "lognormal" => Math.Exp(2 * normal),
                "outliers" => i % 1000 == 0 ? 1e12 * normal : normal,
                "ties" => Math.Round(3 * normal),
                _ => normal,
            };
        }

        return values;
    }
}
