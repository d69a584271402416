using Mlops.Data;
using Mlops.Models;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="ITrainer"/> must fulfil. Derive a test class for yours.</summary>
public abstract class TrainerConformance
{
    /// <summary>Makes the trainer.</summary>
    /// <returns>The trainer.</returns>
    protected abstract ITrainer CreateTrainer();

    /// <summary>Makes training data of a few hundred rows, with a label.</summary>
    /// <returns>The data.</returns>
    protected abstract Task<IDataset> CreateTrainingDataAsync();

    /// <summary>Gets whether the trainer learns from a label.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    protected virtual bool NeedsLabel => true;

    /// <summary>Gets how far, relative to its size, a prediction may be from that of a model whose training data came in other batches.</summary>
    /// <value>The default value is 1e-5.</value>
    protected virtual double BatchTolerance => 1e-5;

    /// <summary>Same data, same seed, same machine: same predictions, bit for bit.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_Twice_GivesTheSameModel()
    {
        var data = await CreateTrainingDataAsync();
        var first = await PredictAllAsync(await TrainAsync(data), data, ReadOptions.DefaultBatchRows);
        var second = await PredictAllAsync(await TrainAsync(data), data, ReadOptions.DefaultBatchRows);
        Assert.Equal(first, second);
    }

    /// <summary>A row's prediction does not depend on the rows beside it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CreatePredictor_AnyBatchSize_GivesTheSamePredictions()
    {
        var data = await CreateTrainingDataAsync();
        var model = await TrainAsync(data);
        Assert.Equal(await PredictAllAsync(model, data, ReadOptions.DefaultBatchRows), await PredictAllAsync(model, data, 7));
    }

    /// <summary>Without a label there is nothing to learn, and the error names the role; a trainer that needs none learns the same without it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_NoLabel_NamesTheRoleUnlessNoneIsNeeded()
    {
        var data = await CreateTrainingDataAsync();
        var unlabelled = data.Schema.TrySingle(ColumnRole.Label, out var label) ? data.WithRole(label.Name, ColumnRole.Ignored) : data;
        if (NeedsLabel)
        {
            var error = await Assert.ThrowsAsync<EntityNotFoundException>(() => TrainAsync(unlabelled));
            Assert.Contains("Label", error.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(await PredictAllAsync(await TrainAsync(data), data, ReadOptions.DefaultBatchRows), await PredictAllAsync(await TrainAsync(unlabelled), data, ReadOptions.DefaultBatchRows));
    }

    /// <summary>A training that was cancelled ends as cancelled.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_Cancelled_Throws()
    {
        var data = await CreateTrainingDataAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CreateTrainer().TrainAsync(new TrainingContext(data), new CancellationToken(true)));
    }

    /// <summary>A training that is cancelled at any of its reports but the last ends as cancelled, not as a model and not as another error.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_CancelledInTheMiddle_Throws()
    {
        var data = await CreateTrainingDataAsync();
        var reports = await ReportsAsync(data);
        for (var at = 0; at < reports.Count - 1; at += 1 + (reports.Count / 10))
        {
            using var cancellation = new CancellationTokenSource();
            var count = 0;
            var context = new TrainingContext(data) { Seed = 1, Progress = new SynchronousProgress(_ => { if (count++ == at) cancellation.Cancel(); }) };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CreateTrainer().TrainAsync(context, cancellation.Token));
        }
    }

    /// <summary>Progress goes from the beginning to the end, and never back.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_Progress_NeverGoesBack()
    {
        var reports = await ReportsAsync(await CreateTrainingDataAsync());
        Assert.NotEmpty(reports);
        Assert.All(reports, report => Assert.InRange(report.CompletedRatio, 0, 1));
        Assert.All(reports, report => Assert.False(string.IsNullOrWhiteSpace(report.Stage)));
        for (var i = 1; i < reports.Count; i++) Assert.True(reports[i].CompletedRatio >= reports[i - 1].CompletedRatio, $"'{reports[i]}' comes after '{reports[i - 1]}'.");
    }

    /// <summary>A trainer keeps nothing between trainings: one that trains two models at the same time makes those that it makes one after the other.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_AtTheSameTime_GivesTheSameModels()
    {
        var data = await CreateTrainingDataAsync();
        var trainer = CreateTrainer();
        var alone = await PredictAllAsync(await TrainAsync(data), data, ReadOptions.DefaultBatchRows);
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => trainer.TrainAsync(new TrainingContext(data) { Seed = 1 }, TestContext.Current.CancellationToken))));
        foreach (var model in both) Assert.Equal(alone, await PredictAllAsync(model, data, ReadOptions.DefaultBatchRows));
    }

    /// <summary>What is learned does not depend on how the dataset cuts its rows into batches, but for rounding.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_OtherBatches_GivesTheSamePredictions()
    {
        var data = await CreateTrainingDataAsync();
        var expected = await PredictAllAsync(await TrainAsync(data), data, ReadOptions.DefaultBatchRows);
        var actual = await PredictAllAsync(await TrainAsync(data.Rebatch(97)), data, ReadOptions.DefaultBatchRows);
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++) Assert.Equal(expected[i], actual[i], BatchTolerance * Math.Max(1, Math.Abs(expected[i])));
    }

    /// <summary>Without rows there is nothing to learn, and that is said.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_NoRows_IsADataFormatException()
    {
        var data = await CreateTrainingDataAsync();
        await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(data.Where((_, _) => false)));
    }

    /// <summary>A run logs the name of the algorithm and its options.</summary>
    [Fact]
    public void Params_OfTheTrainer_HaveNamesAndValues()
    {
        var trainer = CreateTrainer();
        Assert.False(string.IsNullOrWhiteSpace(trainer.Name));
        Assert.All(trainer.Params, pair => Assert.False(string.IsNullOrWhiteSpace(pair.Key)));
        Assert.All(trainer.Params, pair => Assert.NotNull(pair.Value));
    }

    private async Task<List<TrainingProgress>> ReportsAsync(IDataset data)
    {
        var reports = new List<TrainingProgress>();
        await CreateTrainer().TrainAsync(new TrainingContext(data) { Seed = 1, Progress = new SynchronousProgress(reports.Add) }, TestContext.Current.CancellationToken);
        return reports;
    }

    private Task<IModel> TrainAsync(IDataset data)
        => CreateTrainer().TrainAsync(new TrainingContext(data) { Seed = 1 }, TestContext.Current.CancellationToken);

    private static async Task<List<double>> PredictAllAsync(IModel model, IDataset data, int batchRows)
    {
        await using var predictor = model.CreatePredictor();
        var binding = TensorBinding.Create(predictor.Signature.Inputs, data.Schema);
        var predictions = new List<double>();
        await foreach (var batch in data.ReadAsync(new ReadOptions { BatchRows = batchRows }, TestContext.Current.CancellationToken))
        {
            using var inputs = predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
            predictions.AddRange(TensorNumbers.ToDoubles(outputs[outputs.Count - 1]));
        }

        return predictions;
    }

    private sealed class SynchronousProgress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
