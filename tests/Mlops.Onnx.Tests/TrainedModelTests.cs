using Mlops.Data;
using Mlops.Models;
using Mlops.Training;

namespace Mlops.Onnx.Tests;

/// <summary>Models trained on real data predict, exported, what they predict as they are; those that the managed evaluator knows, with it too.</summary>
public sealed class TrainedModelTests
{
    private const double Tolerance = 5e-6;

    [Theory]
    [InlineData("churn.csv", "churn", 1e-3)]
    [InlineData("credit.csv", "Status", 1e-3)]
    [InlineData("credit.csv", "Home", 1e-3)]
    // Where a sum of forty terms as large as 10 comes close to 0, single precision keeps the digits of the terms, not those of the sum.
    [InlineData("chicago.csv", "ridership", 1)]
    [InlineData("churn.csv", "clusters", 1e-3)]
    [InlineData("churn.csv", "majority", 1e-3)]
    [InlineData("chicago.csv", "mean", 1e-3)]
    public async Task Export_TrainedModel_PredictsAsItself(string file, string label, double smallest)
    {
        var token = TestContext.Current.CancellationToken;
        var data = (await CsvDataset.OpenAsync(Path.Combine(AppContext.BaseDirectory, "TestData", file), cancellationToken: token)).WithRole(label is "clusters" or "majority" ? "churn" : label == "mean" ? "ridership" : label, ColumnRole.Label);
        ITrainer trainer = label switch
        {
            "ridership" => new RidgeTrainer(),
            "mean" => new MeanBaselineTrainer(),
            "majority" => new MajorityBaselineTrainer(),
            "clusters" => new KMeansTrainer(new KMeansOptions { Clusters = 5, Initializations = 1 }),
            _ => new LogisticTrainer(new LogisticOptions { MaxIterations = 30 }),
        };
        var trained = await trainer.TrainAsync(new TrainingContext(data), token);
        var bytes = OnnxExporter.Export((IGraphModel)trained);
        using var exported = OnnxModel.Load(bytes);
        Assert.Equal(trained.Signature, exported.Signature);

        // The operators of clusters and of models that give one answer are not known to the managed evaluator.
        using var managed = label is "clusters" or "majority" or "mean" ? null : OnnxModel.Load(bytes, Evaluators.Managed);
        if (managed is not null) Assert.Equal(trained.Signature, managed.Signature);

        await using var expected = trained.CreatePredictor();
        await using var byRuntime = exported.CreatePredictor();
        await using var byManaged = managed?.CreatePredictor();
        var binding = TensorBinding.Create(trained.Signature.Inputs, data.Schema);
        var (rows, damaged) = (0, 0);
        await foreach (var batch in data.ReadAsync(cancellationToken: token))
        {
            using var inputs = trained.Signature.RentInputs(batch.RowCount);
            using var want = trained.Signature.RentOutputs(batch.RowCount);
            using var have = exported.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await AssertAgreeAsync();
            rows += batch.RowCount;
            damaged += Damage(inputs);
            await AssertAgreeAsync();

            async Task AssertAgreeAsync()
            {
                await expected.PredictAsync(inputs, want, new PredictionContext(), token);
                foreach (var actual in new[] { byRuntime, byManaged }.OfType<IPredictor>())
                {
                    await actual.PredictAsync(inputs, have, new PredictionContext(), token);
                    for (var slot = 0; slot < want.Count; slot++) AssertClose(want[slot], have[slot], smallest);
                }
            }
        }

        Assert.InRange(rows, 4000, 10_000);
        Assert.True(damaged > rows, "The altered rows hold missing values and categories that no row of the training data has.");
    }

    /// <summary>Puts missing numbers and texts, categories never seen and days long before 1970 into the rows, a different mixture into each.</summary>
    private static int Damage(TensorBatch inputs)
    {
        var random = new Random(17);
        var count = 0;
        for (var slot = 0; slot < inputs.Count; slot++)
        {
            for (var i = 0; i < inputs[slot].Length; i++)
            {
                if (random.Next(4) != 0) continue;
                count++;
                switch (inputs[slot])
                {
                    case TensorBuffer<double> numbers: numbers.Span[i] = double.NaN; break;
                    case TensorBuffer<long> days: days.Span[i] = random.Next(-200_000, 200_000); break;
                    case TensorBuffer<string> texts: texts.Span[i] = random.Next(2) == 0 ? "" : $"never seen {random.Next(9)}"; break;
                    default: throw new NotSupportedException(inputs[slot].Spec.ToString());
                }
            }
        }

        return count;
    }

    private static void AssertClose(TensorBuffer expected, TensorBuffer actual, double smallest)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        if (expected is TensorBuffer<string> text)
        {
            Assert.Equal(text.Span.ToArray(), ((TensorBuffer<string>)actual).Span.ToArray());
            return;
        }

        var (want, have) = (TensorNumbers.ToDoubles(expected), TensorNumbers.ToDoubles(actual));
        for (var i = 0; i < want.Length; i++)
            Assert.True(Math.Abs(want[i] - have[i]) <= Tolerance * Math.Max(smallest, Math.Abs(want[i])), $"{expected.Spec.Name}, element {i}: {have[i]} instead of {want[i]}.");
    }
}
