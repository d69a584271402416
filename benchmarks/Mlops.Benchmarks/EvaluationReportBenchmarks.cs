using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Training;

namespace Mlops.Benchmarks;

/// <summary>How long does a whole report of 1,000,000 rows take: figures with intervals, slices, the worst slice, fairness, threshold and importance?</summary>
/// <remarks>The floor is predicting the rows, which the report does first.</remarks>
[MemoryDiagnoser]
public class EvaluationReportBenchmarks
{
    private IDataset _rows = null!;
    private IPredictor _predictor = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _rows = TrainingRows.Create(1_000_000, 10, isClass: true);
        _predictor = (await new LogisticTrainer().TrainAsync(new TrainingContext(_rows))).CreatePredictor();
    }

    [GlobalCleanup]
    public ValueTask CleanupAsync() => _predictor.DisposeAsync();

    [Benchmark(Baseline = true)]
    public async Task<int> PredictionsAsync() => (await EvaluationData.CreateAsync(_predictor, _rows)).Outcomes.RowCount;

    [Benchmark]
    public async Task<long> ReportAsync()
    {
        var options = new EvaluationOptions { Slices = [["x0"], ["x1"]], Costs = new ThresholdCosts(FalsePositive: 1, FalseNegative: 5) };
        return (await EvaluationReport.CreateAsync(_predictor, _rows, options)).RowCount;
    }
}
