using BenchmarkDotNet.Attributes;
using Mlops.Monitoring;

namespace Mlops.Benchmarks;

/// <summary>What does it cost to compare 1,000 rows of 20 columns with 1,000 others, against the plain permutation of a kernel that is built once?</summary>
[MemoryDiagnoser]
public class RowDriftBenchmarks
{
    private const int Rows = 1000;
    private const int Width = 20;
    private const int Permutations = 500;
    private double[] _reference = [];
    private double[] _current = [];
    private string[] _referenceTexts = [];
    private string[] _currentTexts = [];

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        _reference = [.. Enumerable.Range(0, Rows * Width).Select(_ => Normal())];
        _current = [.. Enumerable.Range(0, Rows * Width).Select(_ => Normal() + 0.1)];
        string Text() => string.Join(' ', Enumerable.Range(0, 20).Select(_ => $"word{random.Next(5000)}"));
        _referenceTexts = [.. Enumerable.Range(0, 10 * Rows).Select(_ => Text())];
        _currentTexts = [.. Enumerable.Range(0, 10 * Rows).Select(_ => Text())];
    }

    /// <summary>The floor: as the definition reads, with the kernel kept and the sums of each permutation taken pair by pair.</summary>
    [Benchmark(Baseline = true)]
    public double PlainMaximumMeanDiscrepancy()
    {
        const int All = 2 * Rows;
        double[] values = [.. _reference, .. _current], kernel = new double[All * All];
        var distances = new List<double>();
        for (var i = 0; i < All; i++)
        {
            for (var j = 0; j < All; j++)
            {
                double sum = 0;
                for (var k = 0; k < Width; k++) sum += (values[(i * Width) + k] - values[(j * Width) + k]) * (values[(i * Width) + k] - values[(j * Width) + k]);
                kernel[(i * All) + j] = sum;
                if (i < j) distances.Add(sum);
            }
        }

        distances.Sort();
        var median = distances[distances.Count / 2];
        for (var i = 0; i < kernel.Length; i++) kernel[i] = Math.Exp(-kernel[i] / median);
        int[] order = [.. Enumerable.Range(0, All)];
        var (random, observed, count) = (new Random(1), GetStatistic(), 0);
        for (var i = 0; i < Permutations; i++)
        {
            random.Shuffle(order);
            count += GetStatistic() >= observed ? 1 : 0;
        }

        return (1.0 + count) / (1 + Permutations);

        double GetStatistic()
        {
            double within = 0, across = 0;
            for (var i = 0; i < All; i++)
            {
                var row = order[i] * All;
                for (var j = 0; j < i; j++)
                {
                    if (i < Rows == j < Rows) within += kernel[row + order[j]];
                    else across += kernel[row + order[j]];
                }
            }

            return (2 * within / Rows / (Rows - 1)) - (2 * across / Rows / Rows);
        }
    }

    [Benchmark]
    public DriftVerdict MaximumMeanDiscrepancy() => Test(new MaximumMeanDiscrepancy { Permutations = Permutations });

    [Benchmark]
    public DriftVerdict LinearMaximumMeanDiscrepancy() => Test(new MaximumMeanDiscrepancy { Estimator = MmdEstimator.Linear });

    [Benchmark]
    public DriftVerdict EnergyDistance() => Test(new MultivariateEnergyDistance { Permutations = Permutations });

    [Benchmark]
    public DriftVerdict DensityDifference() => Test(new LeastSquaresDensityDifference());

    [Benchmark]
    public DriftVerdict MeanShift() => Test(new MeanShift { Permutations = Permutations });

    [Benchmark]
    public DriftVerdict CovarianceShift() => Test(new CovarianceShift { Permutations = Permutations });

    [Benchmark]
    public DriftVerdict PcaReconstruction() => Test(new PcaReconstruction());

    [Benchmark]
    public DriftVerdict DomainClassifier() => Test(new DomainClassifierDrift());

    /// <summary>10,000 texts of 20 words on either side.</summary>
    [Benchmark]
    public DriftVerdict Texts() => new TextDrift().Test(_referenceTexts, _currentTexts).Verdict;

    private DriftVerdict Test(IRowDriftTest test) => test.Test(new RowSet(_reference, Width), new RowSet(_current, Width)).Verdict;
}
