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

public sealed class LogisticTrainerOfManyClassesConformanceTests : TrainerConformance
{
    protected override ITrainer CreateTrainer() => new LogisticTrainer(new LogisticOptions { MaxIterations = 20, ClassWeights = ClassWeights.Balanced });

    protected override Task<IDataset> CreateTrainingDataAsync() => TestData.OpenAsync("credit.csv", "Home");
}

public sealed class MajorityBaselineTrainerConformanceTests : TrainerConformance
{
    protected override ITrainer CreateTrainer() => new MajorityBaselineTrainer();

    protected override Task<IDataset> CreateTrainingDataAsync() => TestData.OpenAsync("credit.csv", "Status");
}

public sealed class KMeansTrainerConformanceTests : TrainerConformance
{
    protected override bool NeedsLabel => false;

    protected override ITrainer CreateTrainer() => new KMeansTrainer(new KMeansOptions { Clusters = 4, Initializations = 2 });

    protected override Task<IDataset> CreateTrainingDataAsync() => TestData.OpenAsync("credit.csv", "Status");
}
