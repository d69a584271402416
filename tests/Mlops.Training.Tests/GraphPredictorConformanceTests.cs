using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Training.Tests;

public sealed class GraphPredictorConformanceTests : PredictorConformance
{
    protected override async Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken)
        => (await new RidgeTrainer().TrainAsync(new TrainingContext(await TestData.ChicagoAsync()), cancellationToken)).CreatePredictor();
}

public sealed class GraphClassifierConformanceTests : PredictorConformance
{
    protected override async Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken)
        => (await new LogisticTrainer(new LogisticOptions { MaxIterations = 5 }).TrainAsync(new TrainingContext(await TestData.OpenAsync("credit.csv", "Status")), cancellationToken)).CreatePredictor();
}

public sealed class GraphClustersConformanceTests : PredictorConformance
{
    protected override async Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken)
        => (await new KMeansTrainer(new KMeansOptions { Clusters = 3, Initializations = 1 }).TrainAsync(new TrainingContext(await TestData.OpenAsync("credit.csv", "Status")), cancellationToken)).CreatePredictor();
}
