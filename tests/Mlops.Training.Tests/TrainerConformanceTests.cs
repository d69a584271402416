using Mlops.Data;
using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Training.Tests;

public sealed class RidgeTrainerConformanceTests : TrainerConformance
{
    protected override ITrainer CreateTrainer() => new RidgeTrainer();

    protected override Task<IDataset> CreateTrainingDataAsync() => TestData.ChicagoAsync();
}

public sealed class MeanBaselineTrainerConformanceTests : TrainerConformance
{
    protected override ITrainer CreateTrainer() => new MeanBaselineTrainer();

    protected override Task<IDataset> CreateTrainingDataAsync() => TestData.ChicagoAsync();
}

public sealed class LogisticTrainerConformanceTests : TrainerConformance
{
    protected override ITrainer CreateTrainer() => new LogisticTrainer(new LogisticOptions { MaxIterations = 20 });

    protected override Task<IDataset> CreateTrainingDataAsync() => TestData.OpenAsync("credit.csv", "Status");
}
