using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Models;
using Mlops.Training;

namespace Mlops.Benchmarks;

/// <summary>What does it cost to train on rows that are in memory, preprocessing included? Limits: ridge of 1,000,000 × 50 in 1 s; logistic of 500,000 × 30 in twice the time of scikit-learn's lbfgs (benchmarks/sklearn_logistic.py, the same numbers).</summary>
[MemoryDiagnoser]
public class TrainingBenchmarks
{
    private InMemoryDataset _regression = null!;
    private InMemoryDataset _classes = null!;
    private InMemoryDataset _clusters = null!;

    [GlobalSetup]
    public void Setup()
    {
        _regression = TrainingRows.Create(1_000_000, 50, isClass: false);
        _classes = TrainingRows.Create(500_000, 30, isClass: true);
        _clusters = TrainingRows.Create(100_000, 20, isClass: false);
    }

    /// <summary>The first pass of every trainer: what the others cannot go below.</summary>
    [Benchmark(Baseline = true)]
    public Task<FittedPreprocessor> Preprocessing1000000By50() => Preprocessor.FitAsync(_regression);

    [Benchmark]
    public Task<IModel> Ridge1000000By50() => new RidgeTrainer().TrainAsync(new TrainingContext(_regression));

    /// <summary>To the gradient's tolerance that benchmarks/sklearn_logistic.py gives scikit-learn: 0.5 of the sum over all rows.</summary>
    [Benchmark]
    public Task<IModel> Logistic500000By30() => new LogisticTrainer(new LogisticOptions { Tolerance = 1e-6 }).TrainAsync(new TrainingContext(_classes));

    /// <summary>To the default tolerance, at which coefficients are right to six decimals.</summary>
    [Benchmark]
    public Task<IModel> Logistic500000By30Exact() => new LogisticTrainer().TrainAsync(new TrainingContext(_classes));

    [Benchmark]
    public Task<IModel> KMeans100000By20() => new KMeansTrainer(new KMeansOptions { Initializations = 1, MaxIterations = 20 }).TrainAsync(new TrainingContext(_clusters));
}
