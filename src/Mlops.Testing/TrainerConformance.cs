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

    /// <summary>Without a label there is nothing to learn, and the error names the role.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_NoLabel_NamesTheRole()
    {
        var data = await CreateTrainingDataAsync();
        var unlabelled = data.WithRole(data.Schema.Single(ColumnRole.Label).Name, ColumnRole.Ignored);
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(() => TrainAsync(unlabelled));
        Assert.Contains("Label", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A training that was cancelled ends as cancelled.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TrainAsync_Cancelled_Throws()
    {
        var data = await CreateTrainingDataAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CreateTrainer().TrainAsync(new TrainingContext(data), new CancellationToken(true)));
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
}
