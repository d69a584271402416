using Mlops.Data;
using Mlops.Models;
using Mlops.Training;

namespace Mlops.Onnx.Tests;

/// <summary>Models trained on real data predict, exported, what they predict as they are.</summary>
public sealed class TrainedModelTests
{
    [Theory]
    [InlineData("churn.csv", "churn")]
    [InlineData("credit.csv", "Status")]
    [InlineData("credit.csv", "Home")]
    [InlineData("chicago.csv", "ridership")]
    public async Task Export_TrainedModel_PredictsAsItself(string file, string label)
    {
        var token = TestContext.Current.CancellationToken;
        var data = (await CsvDataset.OpenAsync(Path.Combine(AppContext.BaseDirectory, "TestData", file), cancellationToken: token)).WithRole(label, ColumnRole.Label);
        ITrainer trainer = label == "ridership" ? new RidgeTrainer() : new LogisticTrainer(new LogisticOptions { MaxIterations = 30 });
        var trained = await trainer.TrainAsync(new TrainingContext(data), token);
        using var exported = OnnxModel.Load(OnnxExporter.Export((IGraphModel)trained));
        Assert.Equal(trained.Signature, exported.Signature);

        await using var expected = trained.CreatePredictor();
        await using var actual = exported.CreatePredictor();
        var binding = TensorBinding.Create(trained.Signature.Inputs, data.Schema);
        var rows = 0;
        await foreach (var batch in data.ReadAsync(cancellationToken: token))
        {
            using var inputs = trained.Signature.RentInputs(batch.RowCount);
            using var want = trained.Signature.RentOutputs(batch.RowCount);
            using var have = exported.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await expected.PredictAsync(inputs, want, new PredictionContext(), token);
            await actual.PredictAsync(inputs, have, new PredictionContext(), token);
            for (var slot = 0; slot < want.Count; slot++) AssertClose(want[slot], have[slot]);
            rows += batch.RowCount;
        }

        Assert.InRange(rows, 4000, 10_000);
    }

    private static void AssertClose(TensorBuffer expected, TensorBuffer actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        if (expected is TensorBuffer<string> text)
        {
            Assert.Equal(text.Span.ToArray(), ((TensorBuffer<string>)actual).Span.ToArray());
            return;
        }

        var (want, have) = (TensorNumbers.ToDoubles(expected), TensorNumbers.ToDoubles(actual));
        for (var i = 0; i < want.Length; i++)
            Assert.True(Math.Abs(want[i] - have[i]) <= 1e-5 * Math.Max(1, Math.Abs(want[i])), $"{expected.Spec.Name}, element {i}: {have[i]} instead of {want[i]}.");
    }
}
