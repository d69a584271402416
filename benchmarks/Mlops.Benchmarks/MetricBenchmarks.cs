using BenchmarkDotNet.Attributes;
using Mlops.Evaluation;

namespace Mlops.Benchmarks;

/// <summary>How long does it take to judge 1,000,000 scores: by the area under the ROC curve (at most 100 ms), and by all metrics with weights and 10 slices (at most 400 ms)?</summary>
/// <remarks>The floor is sorting the scores by the base library. scikit-learn's figures on the same machine: benchmarks/sklearn_metrics.py.</remarks>
[MemoryDiagnoser]
public class MetricBenchmarks
{
    private const int Rows = 1_000_000;
    private readonly double[] _scores = new double[Rows];
    private readonly double[] _labels = new double[Rows];
    private readonly double[] _weights = new double[Rows];
    private readonly double[] _predictions = new double[2 * Rows];
    private readonly OutcomeMetric[] _all = [.. OutcomeMetrics.All(ModelTask.BinaryClassification)];
    private SliceColumn _column = null!;

    /// <summary>How the scores come: spread evenly, ascending, or with two decimals.</summary>
    [Params("even", "sorted", "tied")]
    public string Scores { get; set; } = "even";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (var i = 0; i < Rows; i++) _scores[i] = random.NextDouble();
        if (Scores == "sorted") Array.Sort(_scores);
        if (Scores == "tied") for (var i = 0; i < Rows; i++) _scores[i] = Math.Round(_scores[i], 2);
        var codes = new int[Rows];
        for (var i = 0; i < Rows; i++)
        {
            _labels[i] = random.NextDouble() < _scores[i] ? 1 : 0;
            _weights[i] = random.NextDouble() + 0.5;
            (_predictions[2 * i], _predictions[(2 * i) + 1]) = (1 - _scores[i], _scores[i]);
            codes[i] = random.Next(10);
        }

        _column = new SliceColumn("slice", [.. Enumerable.Range(0, 10).Select(i => $"{i}")], codes);
    }

    [Benchmark(Baseline = true)]
    public double ArraySort()
    {
        var copy = (double[])_scores.Clone();
        Array.Sort(copy);
        return copy[0];
    }

    [Benchmark]
    public double RocAuc() => BinaryScores.Of(_scores, _labels).RocAuc().Value;

    [Benchmark]
    public double AllFiguresTenSlices() => BinaryScores.Of(_scores, _labels, _weights).EvaluateSlices(_column).Overall.RocAuc.Value;

    [Benchmark]
    public double CatalogueTenSlices()
    {
        var outcomes = new ModelOutcomes(["0", "1"], _predictions, _labels, _weights);
        return EvaluationResult.Of(outcomes, _all).Metrics.Count + OutcomeMetrics.EvaluateSlices(outcomes, _column)[0].RowCount;
    }

    [Benchmark]
    public double DeLongOfTwo() => DeLong.Of([_scores, _weights], _labels).Compare(0, 1)!.PValue;
}
