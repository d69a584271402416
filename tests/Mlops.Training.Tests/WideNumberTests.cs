using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training.Tests;

/// <summary>Numbers that have more digits than 32-bit floating point: times, identifiers, amounts.</summary>
public sealed class WideNumberTests
{
    private const int Rows = 60;

    [Theory]
    [InlineData(1e7)]
    [InlineData(1.6e9)]
    [InlineData(-4e12)]
    public async Task TrainAsync_LargeOffset_PredictsWhatWasLearned(double offset)
    {
        var data = MakeLine(offset);
        var model = await new RidgeTrainer(new RidgeOptions { Alpha = 1e-9 }).TrainAsync(new TrainingContext(data), Token);
        var predicted = await PredictAsync(model, data);
        Assert.Equal(1, predicted[0], 1e-4);
        Assert.Equal(61, predicted[30], 1e-4);
        Assert.Equal(119, predicted[59], 1e-4);
    }

    [Theory]
    [InlineData(1e7)]
    [InlineData(1.6e9)]
    public async Task Features_LargeOffset_AreOneInTrainerTransformAndPredictor(double offset)
    {
        var data = MakeLine(offset);
        PreprocessingPlan[] plans =
        [
            new(PreprocessingRule.Numbers(new ImputeStep { AddIndicator = true }, new StandardizeStep())),
            new(PreprocessingRule.Numbers(new ImputeStep { Value = NumericImputation.Median }, new QuantileClipStep(), new RobustStep())),
            new(PreprocessingRule.Numbers(new ImputeStep(), new MinMaxStep { Clip = true })),
            new(PreprocessingRule.For("z", new ImputeStep()), PreprocessingRule.For("x", new MinMaxStep())),
        ];
        foreach (var plan in plans)
        {
            var fitted = await Preprocessor.FitAsync(data, plan, Token);
            var width = fitted.FeatureNames.Count;
            var trained = new List<double>();
            await foreach (var block in FeatureReader.ReadAsync(data, fitted, "y", Token))
            {
                for (var row = 0; row < block.Rows; row++)
                {
                    for (var i = 0; i < width; i++) trained.Add(block.Feature(i)[row]);
                }
            }

            var transformed = await fitted.ReadAsync(data);
            Assert.Equal(transformed, trained.Select(value => (float)value));
            Assert.Equal(transformed, (await PredictAsync(fitted.ToModel(), data)).Select(value => (float)value));
            var first = fitted.FeatureNames.Index().First(pair => pair.Item == "x").Index;
            Assert.InRange(Enumerable.Range(0, Rows).Select(row => transformed[(row * width) + first]).Distinct().Count(), 50, Rows);
        }
    }

    [Fact]
    public async Task TrainAsync_KMeansOnUnixSeconds_SeparatesVisits()
    {
        // Two visits of half a minute, two minutes apart.
        var data = InMemoryDataset.FromColumns("visits", (new ColumnSchema("at", ElementType.Int64), new Column<long>([.. Enumerable.Range(0, Rows).Select(i => 1_700_000_000L + (i < 30 ? i : 90 + i))])));
        var model = await new KMeansTrainer(new KMeansOptions { Clusters = 2 }).TrainAsync(new TrainingContext(data), Token);
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(Rows);
        using var outputs = model.Signature.RentOutputs(Rows);
        TensorBinding.Create(model.Signature.Inputs, data.Schema).Write(data.Batches[0], inputs);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        var clusters = outputs.Get<long>(0).Span.ToArray();
        Assert.Single(clusters[..30].Distinct());
        Assert.Single(clusters[30..].Distinct());
        Assert.NotEqual(clusters[0], clusters[30]);
    }

    [Theory]
    [InlineData(1e39)]
    [InlineData(-1e300)]
    public async Task FitAsync_FeatureBeyondSinglePrecision_NamesTheColumn(double value)
    {
        var data = InMemoryDataset.FromColumns(
            "d", (new ColumnSchema("small", ElementType.Float64), new Column<double>([1, 2, 3])), (new ColumnSchema("huge", ElementType.Float64), new Column<double>([1, value, 3])));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => Preprocessor.FitAsync(data, new PreprocessingPlan(PreprocessingRule.Numbers(new ImputeStep())), Token));
        Assert.Equal("huge", error.Column);

        // Scaled it is a number like any other.
        var features = await (await Preprocessor.FitAsync(data, new PreprocessingPlan(PreprocessingRule.Numbers(new MinMaxStep())), Token)).ReadAsync(data);
        Assert.Equal(Math.Sign(value) > 0 ? 1f : 0f, features[3]);
        Assert.All(features, feature => Assert.InRange(feature, 0f, 1f));
    }

    [Fact]
    public async Task FitAsync_ConstantLargeColumn_BecomesZero()
    {
        var data = InMemoryDataset.FromColumns("d", (new ColumnSchema("x", ElementType.Float64), new Column<double>([.. Enumerable.Repeat(1600000000.1, 1001)])));
        foreach (PreprocessingStep step in new PreprocessingStep[] { new StandardizeStep(), new RobustStep(), new MinMaxStep() })
            Assert.All(await (await Preprocessor.FitAsync(data, new PreprocessingPlan(PreprocessingRule.Numbers(step)), Token)).ReadAsync(data), feature => Assert.Equal(0f, feature));
    }

    /// <summary>y = 2i + 1 of x = offset + i; z = offset ÷ (i + 1), missing in some rows.</summary>
    private static InMemoryDataset MakeLine(double offset) => InMemoryDataset.FromColumns(
        "line",
        (new ColumnSchema("x", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, Rows).Select(i => offset + i)])),
        (new ColumnSchema("z", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, Rows).Select(i => offset / (i + 1))], [0xFFFF_FFFF_FFFF_F0FF])),
        (new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), new Column<double>([.. Enumerable.Range(0, Rows).Select(i => (2.0 * i) + 1)])));

    private static async Task<double[]> PredictAsync(IModel model, IDataset data)
    {
        await using var predictor = model.CreatePredictor();
        var binding = TensorBinding.Create(model.Signature.Inputs, data.Schema);
        var values = new List<double>();
        await foreach (var batch in data.ReadAsync(cancellationToken: Token))
        {
            using var inputs = model.Signature.RentInputs(batch.RowCount);
            using var outputs = model.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            values.AddRange(TensorNumbers.ToDoubles(outputs[0]));
        }

        return [.. values];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
