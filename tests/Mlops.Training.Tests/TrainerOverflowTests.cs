using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training.Tests;

/// <summary>Numbers whose sums are too large, and rows and labels at the edge of what trainers take.</summary>
public sealed class TrainerOverflowTests
{
    private const int Rows = 60;

    [Theory]
    [InlineData("ridge")]
    [InlineData("logistic")]
    [InlineData("k-means")]
    [InlineData("mean")]
    [InlineData("majority")]
    public async Task TrainAsync_WeightsThatOverflow_NameTheColumn(string name)
    {
        var error = await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, MakeData(name, weight: 1e308)));
        Assert.Equal("w", error.Column);
        Assert.Contains("overflow", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RidgeTrainer_LargeWeights_PredictsAsWithSmallOnes()
    {
        var data = MakeData("ridge", weight: 1e300);
        var predicted = await PredictAsync(await TrainAsync("ridge", data), data);
        for (var i = 0; i < Rows; i++) Assert.Equal((2 * i) + 1, predicted[i], 1e-3);
    }

    [Theory]
    [InlineData("ridge")]
    [InlineData("mean")]
    public async Task TrainAsync_LabelBeyondSinglePrecision_NamesTheLabel(string name)
        => Assert.Equal("y", (await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, MakeData(name, labelFactor: 1e200)))).Column);

    [Theory]
    [InlineData("ridge")]
    [InlineData("logistic")]
    [InlineData("k-means")]
    public async Task TrainAsync_InfiniteFeatureOfWeightZero_IsLeftOut(string name)
    {
        var with = MakeData(name, isLastInfinite: true);
        var without = MakeData(name).Take(Rows - 1);
        var (a, b) = (await PredictAsync(await TrainAsync(name, with), without), await PredictAsync(await TrainAsync(name, without), without));
        Assert.Equal(b, a);
    }

    [Fact]
    public async Task LogisticTrainer_WholeNumbersAsFloats_AreClasses()
    {
        ColumnSchema x = new("x", ElementType.Float64), weight = new("w", ElementType.Float64, ColumnRole.Weight);
        double[] features = [.. Enumerable.Range(0, Rows).Select(i => Math.Sin(i))];
        var classes = Enumerable.Range(0, Rows).Select(i => i % 3 == 0 || i % 7 == 0).ToArray();
        var floats = InMemoryDataset.FromColumns(
            "floats", (x, new Column<double>(features)),
            (new ColumnSchema("c", ElementType.Float64, ColumnRole.Label), new Column<double>([.. classes.Select((flag, i) => i == 5 ? double.NaN : flag ? 1.0 : 0.0)])));
        var whole = InMemoryDataset.FromColumns(
            "whole", (x, new Column<double>(features)), (new ColumnSchema("c", ElementType.Int32, ColumnRole.Label), new Column<int>([.. classes.Select(flag => flag ? 1 : 0)])),
            (weight, new Column<double>([.. Enumerable.Range(0, Rows).Select(i => i == 5 ? 0.0 : 1)])));
        var (a, b) = ((GraphModel)await new LogisticTrainer().TrainAsync(new TrainingContext(floats), Token), (GraphModel)await new LogisticTrainer().TrainAsync(new TrainingContext(whole), Token));
        Assert.Equal(["0", "1"], a.Signature.Outputs[1].Classes);
        // A label that is NaN is missing, so that its row counts as little as one of weight 0.
        Assert.Equal(LinearCoefficients.Of(b).Get("x"), LinearCoefficients.Of(a).Get("x"));
    }

    [Fact]
    public async Task LogisticTrainer_MisspeltPositiveClass_TellsTheNearestOnly()
    {
        var data = InMemoryDataset.FromColumns(
            "d", (new ColumnSchema("x", ElementType.Float64), new Column<double>([1, 2, 3])), (new ColumnSchema("c", ElementType.String, ColumnRole.Label), TextColumn.FromStrings("churned", "stayed", "secret")));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => new LogisticTrainer(new LogisticOptions { PositiveClass = "churnd" }).TrainAsync(new TrainingContext(data), Token));
        Assert.Contains("3 classes", error.Message, StringComparison.Ordinal);
        Assert.Contains("'churned'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Minimize_ObjectiveThatIsNoNumber_HasNotConverged()
    {
        var result = Lbfgs.Minimize((_, gradient) => { gradient.Fill(double.NaN); return double.NaN; }, [0.0], [1.0], 10, 1e-9, (_, _) => { });
        Assert.False(result.HasConverged);
    }

    [Fact]
    public void Minimize_StalledFarFromTheMinimum_HasNotConverged()
    {
        // The value does not follow the gradient.
        var result = Lbfgs.Minimize((_, gradient) => { gradient.Fill(1); return 1; }, [0.0], [1.0], 10, 1e-9, (_, _) => { });
        Assert.Equal((false, true), (result.HasConverged, result.HasStalled));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public async Task LinearExplainer_MissingOrInfiniteWithoutImpute_NamesTheColumn(double broken)
    {
        var plan = new PreprocessingPlan(PreprocessingRule.Numbers(new StandardizeStep()));
        var data = MakeData("ridge");
        var model = (GraphModel)await new RidgeTrainer(new RidgeOptions { Preprocessing = plan }).TrainAsync(new TrainingContext(data), Token);
        var rows = InMemoryDataset.FromColumns("rows", (new ColumnSchema("x", ElementType.Float64), new Column<double>([1, broken, 3])));
        var explainer = await LinearExplainer.CreateAsync(model, data, cancellationToken: Token);
        Assert.Contains("'x'", (await Assert.ThrowsAsync<PredictionFailedException>(async () => await explainer.ExplainAsync(rows.Batches[0], Token))).Message, StringComparison.Ordinal);
        Assert.Contains("'x'", (await Assert.ThrowsAsync<PredictionFailedException>(async () => await explainer.ExplainFeaturesAsync(rows.Batches[0], Token))).Message, StringComparison.Ordinal);
        Assert.Equal("x", (await Assert.ThrowsAsync<DataFormatException>(() => LinearExplainer.CreateAsync(model, rows, cancellationToken: Token))).Column);
    }

    /// <summary>y = 2x + 1 of x = 0 to 59, or a class; of which the last row may be infinite and of weight 0.</summary>
    private static InMemoryDataset MakeData(string name, double weight = 1, double labelFactor = 1, bool isLastInfinite = false)
    {
        double[] x = [.. Enumerable.Range(0, Rows).Select(i => isLastInfinite && i == Rows - 1 ? double.PositiveInfinity : i)];
        double[] weights = [.. Enumerable.Range(0, Rows).Select(i => isLastInfinite && i == Rows - 1 ? 0 : weight)];
        (ColumnSchema, Column) label = name is "logistic" or "majority"
            ? (new ColumnSchema("c", ElementType.String, ColumnRole.Label), TextColumn.FromStrings([.. Enumerable.Range(0, Rows).Select(i => i % 2 == 0 || i > 40 ? "a" : "b")]))
            : (new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), new Column<double>([.. Enumerable.Range(0, Rows).Select(i => labelFactor * ((2.0 * i) + 1))]));
        return InMemoryDataset.FromColumns(
            "data", (new ColumnSchema("x", ElementType.Float64), new Column<double>(x)), label, (new ColumnSchema("w", ElementType.Float64, ColumnRole.Weight), new Column<double>(weights)));
    }

    private static Task<IModel> TrainAsync(string name, IDataset data)
    {
        ITrainer trainer = name switch
        {
            "ridge" => new RidgeTrainer(),
            "logistic" => new LogisticTrainer(),
            "k-means" => new KMeansTrainer(new KMeansOptions { Clusters = 3 }),
            "mean" => new MeanBaselineTrainer(),
            _ => new MajorityBaselineTrainer(),
        };
        return trainer.TrainAsync(new TrainingContext(data), Token);
    }

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
            values.AddRange(TensorNumbers.ToDoubles(outputs[outputs.Count - 1]));
        }

        return [.. values];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
