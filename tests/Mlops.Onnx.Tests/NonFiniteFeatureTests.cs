using Mlops.Data;
using Mlops.Models;
using Mlops.Training;

namespace Mlops.Onnx.Tests;

/// <summary>What docs/training.md says of rows without a finite answer: the model refuses them, and ONNX Runtime computes on.</summary>
public sealed class NonFiniteFeatureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ridge")]
    [InlineData("three classes")]
    [InlineData("k-means")]
    public async Task PredictAsync_InfiniteFeature_IsRefusedByTheModelAndNotFiniteInOnnxRuntime(string name)
    {
        var asIs = new PreprocessingPlan(PreprocessingRule.Numbers());
        ITrainer trainer = name switch
        {
            "ridge" => new RidgeTrainer(new RidgeOptions { Preprocessing = asIs }),
            "k-means" => new KMeansTrainer(new KMeansOptions { Clusters = 2, Preprocessing = asIs }),
            _ => new LogisticTrainer(new LogisticOptions { Preprocessing = asIs }),
        };
        var data = InMemoryDataset.FromColumns(
            "d", (new ColumnSchema("x", ElementType.Float64), new Column<double>([1, 2, 3, 4])), (new ColumnSchema("y", name == "ridge" ? ElementType.Float64 : ElementType.Int32, ColumnRole.Label), name == "ridge" ? new Column<double>([1, 2, 3, 5]) : new Column<int>([0, 1, 2, 2])));
        var model = (GraphModel)await trainer.TrainAsync(new TrainingContext(data), Token);
        using var exported = OnnxModel.Load(OnnxExporter.Export(model));
        await using var managed = model.CreatePredictor();
        await using var onnx = exported.CreatePredictor();
        foreach (var value in new[] { double.PositiveInfinity, double.NaN })
        {
            var rows = InMemoryDataset.FromColumns("rows", (new ColumnSchema("x", ElementType.Float64), new Column<double>([1, value])));
            var error = await Assert.ThrowsAsync<PredictionFailedException>(() => managed.Predict(rows).ToMemoryAsync(Token));
            Assert.Contains("row 2 of the dataset", error.Message, StringComparison.Ordinal);
            var output = (await onnx.Predict(rows).ToMemoryAsync(Token)).Batches.Single();
            var numbers = ColumnNumbers.ToDoubles(output[output.Schema.Count - 1]);
            Assert.All(numbers[..(numbers.Length / 2)], number => Assert.True(double.IsFinite(number)));
            Assert.Contains(numbers[(numbers.Length / 2)..], number => !double.IsFinite(number));
        }
    }
}
