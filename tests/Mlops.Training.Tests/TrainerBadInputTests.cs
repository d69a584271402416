using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training.Tests;

/// <summary>What cannot be learned from has a typed error that names the column, or a result that is defined.</summary>
public sealed class TrainerBadInputTests
{
    private static readonly ColumnSchema s_x = new("x", ElementType.Float64);
    private static readonly ColumnSchema s_z = new("z", ElementType.Float64);
    private static readonly ColumnSchema s_y = new("y", ElementType.Float64, ColumnRole.Label);
    private static readonly ColumnSchema s_class = new("c", ElementType.String, ColumnRole.Label);
    private static readonly ColumnSchema s_weight = new("w", ElementType.Float64, ColumnRole.Weight);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Trainers => ["ridge", "logistic", "k-means", "mean", "majority"];

    [Theory]
    [MemberData(nameof(Trainers))]
    public async Task TrainAsync_UnusableWeight_NamesTheColumn(string name)
    {
        foreach (var weight in new[] { -1, double.NaN, double.PositiveInfinity })
        {
            var data = WithLabel(name, [1, 2, 3, 4], (s_weight, new Column<double>([1, 1, weight, 1])));
            Assert.Equal("w", (await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, data))).Column);
        }

        var missing = WithLabel(name, [1, 2, 3, 4], (s_weight, new Column<double>([1, 1, 1, 1], [0b0111])));
        Assert.Equal("w", (await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, missing))).Column);
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public async Task TrainAsync_RowsOfWeightZero_AreAsIfTheyWereNot(string name)
    {
        // The x of the rows that do not count is that of rows that do, so that preprocessing is the same.
        var with = WithLabel(name, [1, 2, 3, 4, 1, 2, 3, 4], (s_weight, new Column<double>([1, 2, 1, 2, 0, 0, 0, 0])));
        var without = WithLabel(name, [1, 2, 3, 4], (s_weight, new Column<double>([1, 2, 1, 2])));
        Assert.Equal(((GraphModel)await TrainAsync(name, without)).Graph.Nodes[^1].Operator.ToString(), ((GraphModel)await TrainAsync(name, with)).Graph.Nodes[^1].Operator.ToString());
        var (a, b) = (await PredictAsync(await TrainAsync(name, without), without), await PredictAsync(await TrainAsync(name, with), without));
        for (var i = 0; i < a.Length; i++) Assert.Equal(a[i], b[i], 1e-6);
    }

    [Theory]
    [InlineData("ridge", "y")]
    [InlineData("logistic", "c")]
    [InlineData("mean", "y")]
    [InlineData("majority", "c")]
    public async Task TrainAsync_NoRowThatCounts_NamesTheLabel(string name, string label)
    {
        var data = WithLabel(name, [1, 2, 3, 4], (s_weight, new Column<double>([0, 0, 0, 0])));
        Assert.Equal(label, (await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, data))).Column);
    }

    [Theory]
    [InlineData("ridge")]
    [InlineData("logistic")]
    [InlineData("k-means")]
    public async Task TrainAsync_InfiniteFeature_NamesTheColumn(string name)
    {
        var data = WithLabel(name, [1, 2, double.NegativeInfinity, 4]);
        Assert.Equal("x", (await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, data))).Column);
    }

    [Theory]
    [InlineData("ridge")]
    [InlineData("logistic")]
    [InlineData("k-means")]
    public async Task TrainAsync_NaNFeature_IsAMissingOne(string name)
    {
        var nan = WithLabel(name, [1, 2, double.NaN, 4]);
        var filled = WithLabel(name, [1, 2, 7.0 / 3, 4]);
        var (a, b) = (await PredictAsync(await TrainAsync(name, nan), nan), await PredictAsync(await TrainAsync(name, filled), filled));
        for (var i = 0; i < a.Length; i++) Assert.Equal(b[i], a[i], 1e-6);
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("majority")]
    public async Task BaselineTrainers_FeaturesThatOthersRefuse_AreTaken(string name)
    {
        foreach (var x in new double[][] { [1, 2, double.PositiveInfinity, 4], [double.NaN, double.NaN, double.NaN, double.NaN], [7, 7, 7, 7] })
        {
            var data = WithLabel(name, x, (new ColumnSchema("t", ElementType.String), TextColumn.FromStrings(null, null, null, "")));
            var predictions = await PredictAsync(await TrainAsync(name, data), data);
            if (name == "mean") Assert.Equal([2.5, 2.5, 2.5, 2.5], predictions);
            else for (var row = 0; row < 4; row++) Assert.Equal((0.25, 0.75), (predictions[2 * row], predictions[(2 * row) + 1]));
        }
    }

    [Fact]
    public async Task MajorityBaselineTrainer_Churn_GivesTheShares()
    {
        var data = await TestData.OpenAsync("churn.csv", "churn");
        var model = (GraphModel)await new MajorityBaselineTrainer().TrainAsync(new TrainingContext(data), Token);
        Assert.Equal(["no", "yes"], model.Signature.Outputs[1].Classes);
        var predictions = await PredictAsync(model, data.Take(3));
        // 707 of 5,000 customers leave.
        Assert.Equal([0.8586, 0.1414, 0.8586, 0.1414, 0.8586, 0.1414], predictions.Select(value => Math.Round(value, 6)));
        var turned = await new MajorityBaselineTrainer("no").TrainAsync(new TrainingContext(data), Token);
        Assert.Equal(["yes", "no"], turned.Signature.Outputs[1].Classes);
        await using var predictor = turned.CreatePredictor();
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        TensorBinding.Create(predictor.Signature.Inputs, data.Schema).Write((await data.Take(1).ToMemoryAsync(Token)).Batches.Single(), inputs);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal("no", outputs.Get<string>(0).Span[0]);
    }

    [Theory]
    [InlineData("logistic")]
    [InlineData("majority")]
    public async Task TrainAsync_OneClass_NamesTheLabel(string name)
    {
        var data = InMemoryDataset.FromColumns("d", (s_x, new Column<double>([1, 2, 3])), (s_class, TextColumn.FromStrings("a", null, "a")));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, data));
        Assert.Equal(("c", true), (error.Column, error.Message.Contains("two classes", StringComparison.Ordinal)));
        // The other class has only rows that do not count.
        var weighted = InMemoryDataset.FromColumns("d", (s_x, new Column<double>([1, 2, 3])), (s_class, TextColumn.FromStrings("a", "b", "a")), (s_weight, new Column<double>([1, 0, 1])));
        Assert.Equal("c", (await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, weighted))).Column);
    }

    [Fact]
    public async Task LogisticTrainer_LabelsOutsideZeroAndOne_AreRefusedAsFractionsAndClassesAsWholeNumbers()
    {
        var x = new Column<double>([1, 2, 3, 4]);
        var floating = InMemoryDataset.FromColumns("d", (s_x, x), (s_y, new Column<double>([0, 1, 0.5, 1])));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync("logistic", floating));
        Assert.Equal("y", error.Column);
        Assert.Contains("Cast", error.Message, StringComparison.Ordinal);
        var whole = InMemoryDataset.FromColumns("d", (s_x, x), (new ColumnSchema("y", ElementType.Int16, ColumnRole.Label), new Column<short>([-1, 7, 0, 7])));
        Assert.Equal(["-1", "0", "7"], (await TrainAsync("logistic", whole)).Signature.Outputs[1].Classes);
    }

    [Fact]
    public async Task ClassWeights_UnknownClassOrBadWeight_AreRefused()
    {
        var data = WithLabel("logistic", [1, 2, 3, 4]);
        var options = new LogisticOptions { ClassWeights = ClassWeights.Of(new Dictionary<string, double> { ["d"] = 2 }) };
        var error = await Assert.ThrowsAsync<DataFormatException>(() => new LogisticTrainer(options).TrainAsync(new TrainingContext(data), Token));
        Assert.Equal("c", error.Column);
        Assert.Contains("2 classes", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'b'", error.Message, StringComparison.Ordinal);
        foreach (var weight in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Assert.Throws<ArgumentOutOfRangeException>(() => ClassWeights.Of(new Dictionary<string, double> { ["a"] = weight }));
        Assert.Equal(("none", "balanced", "a=1.5, b=2"), (ClassWeights.None.ToString(), ClassWeights.Balanced.ToString(), ClassWeights.Of(new Dictionary<string, double> { ["b"] = 2, ["a"] = 1.5 }).ToString()));
        Assert.Equal("balanced", new LogisticTrainer(new LogisticOptions { ClassWeights = ClassWeights.Balanced }).Params["class_weights"]);
    }

    /// <summary>The weight of a class is the weight of its rows.</summary>
    [Fact]
    public async Task LogisticTrainer_ClassWeight_IsAsIfItsRowsHadIt()
    {
        double[] x = [1, 2, 3, 4, 2.5, 0];
        var labels = TextColumn.FromStrings("a", "b", "a", "b", "b", "b");
        var plain = InMemoryDataset.FromColumns("d", (s_x, new Column<double>(x)), (s_class, labels));
        var weighted = InMemoryDataset.FromColumns("d", (s_x, new Column<double>(x)), (s_class, labels), (s_weight, new Column<double>([3, 1, 3, 1, 1, 1])));
        var options = new LogisticOptions { ClassWeights = ClassWeights.Of(new Dictionary<string, double> { ["a"] = 3 }) };
        var (a, b) = (LinearCoefficients.Of((GraphModel)await new LogisticTrainer(options).TrainAsync(new TrainingContext(plain), Token)), LinearCoefficients.Of((GraphModel)await TrainAsync("logistic", weighted)));
        Assert.Equal(b.GetRow(0)[0], a.GetRow(0)[0], 1e-9);
        Assert.Equal(b.Intercepts[0], a.Intercepts[0], 1e-9);
    }

    [Theory]
    [InlineData("ridge")]
    [InlineData("logistic")]
    public async Task TrainAsync_ConstantColumn_HasTheCoefficientZero(string name)
    {
        var data = WithLabel(name, [1, 2, 3, 4], (s_z, new Column<double>([5, 5, 5, 5])));
        var learned = LinearCoefficients.Of((GraphModel)await TrainAsync(name, data));
        Assert.Equal(0, learned.Get("z"), 1e-12);
        Assert.NotEqual(0, learned.Get("x"), 1e-3);
        // Without a penalty too: a column that does not vary says nothing, and does no harm.
        if (name == "logistic") return;
        var exact = LinearCoefficients.Of((GraphModel)await new RidgeTrainer(new RidgeOptions { Alpha = 0 }).TrainAsync(new TrainingContext(data), Token));
        Assert.Equal(0, exact.Get("z"));
        Assert.Equal(Math.Sqrt(1.25), exact.Get("x"), 1e-6);
    }

    [Fact]
    public async Task RidgeTrainer_CollinearWithoutPenalty_NamesTheColumnsThatAre()
    {
        double[] a = [1, 2, 3, 5, 8, 13], b = [2, 7, 1, 8, 2, 8], c = [3, 1, 4, 1, 5, 9];
        var data = InMemoryDataset.FromColumns(
            "d", (new ColumnSchema("alone", ElementType.Float64), new Column<double>(c)), (new ColumnSchema("a", ElementType.Float64), new Column<double>(a)), (new ColumnSchema("b", ElementType.Float64), new Column<double>(b)),
            (new ColumnSchema("sum", ElementType.Float64), new Column<double>([.. a.Zip(b, (p, q) => (p * 1000) - q)])), (s_y, new Column<double>([1, 4, 2, 3, 9, 1])));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => new RidgeTrainer(new RidgeOptions { Alpha = 0 }).TrainAsync(new TrainingContext(data), Token));
        Assert.Equal("sum", error.Column);
        Assert.Contains("'sum', 'b', 'a'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'alone'", error.Message, StringComparison.Ordinal);
        // Every category of a text: one is what the others are not.
        var text = InMemoryDataset.FromColumns("d", (new ColumnSchema("t", ElementType.String), TextColumn.FromStrings("a", "b", "c", "a", "b", "c")), (s_y, new Column<double>([1, 4, 2, 3, 9, 1])));
        var categories = await Assert.ThrowsAsync<DataFormatException>(() => new RidgeTrainer(new RidgeOptions { Alpha = 0 }).TrainAsync(new TrainingContext(text), Token));
        Assert.Equal("t", categories.Column);
        // With a penalty the two that are the same share the weight.
        var twins = WithLabel("logistic", [1, 2, 3, 4], (s_z, new Column<double>([1, 2, 3, 4])));
        foreach (var name in new[] { "ridge", "logistic" })
        {
            var learned = LinearCoefficients.Of((GraphModel)await TrainAsync(name, name == "ridge" ? WithLabel("ridge", [1, 2, 3, 4], (s_z, new Column<double>([1, 2, 3, 4]))) : twins));
            Assert.Equal(learned.Get("x"), learned.Get("z"), 1e-9);
        }
    }

    [Fact]
    public async Task TrainAsync_MoreColumnsThanRows_HasAResultWithPenaltyOnly()
    {
        var random = new Random(3);
        (ColumnSchema, Column)[] features = [.. Enumerable.Range(0, 12).Select(i => (new ColumnSchema($"x{i}", ElementType.Float64), (Column)new Column<double>([.. Enumerable.Range(0, 6).Select(_ => random.NextDouble())])))];
        var numbers = InMemoryDataset.FromColumns("d", [.. features, (s_y, new Column<double>([1, 4, 2, 3, 9, 1]))]);
        var classes = InMemoryDataset.FromColumns("d", [.. features, (s_class, TextColumn.FromStrings("a", "b", "a", "b", "b", "a"))]);
        var error = await Assert.ThrowsAsync<DataFormatException>(() => new RidgeTrainer(new RidgeOptions { Alpha = 0 }).TrainAsync(new TrainingContext(numbers), Token));
        Assert.NotNull(error.Column);
        Assert.Contains("6 rows for 12 features", error.Message, StringComparison.Ordinal);
        foreach (var (name, data) in new[] { ("ridge", numbers), ("logistic", classes) })
        {
            var model = (GraphModel)await TrainAsync(name, data);
            Assert.Empty(model.TrainingWarnings);
            Assert.All(await PredictAsync(model, data), value => Assert.True(double.IsFinite(value)));
        }
    }

    [Fact]
    public async Task KMeansTrainer_FewRows_IsRefusedOrWarns()
    {
        var few = WithLabel("ridge", [1, 2, 3, 4]);
        var error = await Assert.ThrowsAsync<DataFormatException>(() => new KMeansTrainer(new KMeansOptions { Clusters = 5 }).TrainAsync(new TrainingContext(few), Token));
        Assert.Contains("4 rows", error.Message, StringComparison.Ordinal);
        var same = WithLabel("ridge", [1, 1, 2, 2]);
        var model = (GraphModel)await new KMeansTrainer(new KMeansOptions { Clusters = 3 }).TrainAsync(new TrainingContext(same), Token);
        Assert.Contains("1 of 3 clusters", Assert.Single(model.TrainingWarnings), StringComparison.Ordinal);
        Assert.Equal(0, model.TrainingMetrics["inertia"], 1e-12);
        Assert.All(await PredictAsync(model, same), value => Assert.True(double.IsFinite(value)));
    }

    [Fact]
    public void Constructors_OptionsOutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RidgeTrainer(new RidgeOptions { Alpha = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RidgeTrainer(new RidgeOptions { Alpha = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogisticTrainer(new LogisticOptions { C = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogisticTrainer(new LogisticOptions { MaxParallelism = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KMeansTrainer(new KMeansOptions { Clusters = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KMeansTrainer(new KMeansOptions { Initializations = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KMeansTrainer(new KMeansOptions { Tolerance = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RidgeTrainer(new RidgeOptions { Preprocessing = new PreprocessingOptions { MaxCategories = 0 } }));
        Refused("Clusters", () => new KMeansTrainer(new KMeansOptions { Clusters = 0 }));
        Refused("Initializations", () => new KMeansTrainer(new KMeansOptions { Initializations = 0 }));
        Refused("MaxIterations", () => new KMeansTrainer(new KMeansOptions { MaxIterations = 0 }));
        Refused("MaxIterations", () => new LogisticTrainer(new LogisticOptions { MaxIterations = -1 }));
        Refused("Tolerance", () => new LogisticTrainer(new LogisticOptions { Tolerance = -1 }));
        Refused("MaxParallelism", () => new LogisticTrainer(new LogisticOptions { MaxParallelism = 0 }));

        static void Refused(string property, Func<ITrainer> create)
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(create);
            Assert.Equal("options", error.ParamName);
            Assert.StartsWith($"{property} must be ", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>What no model of finite coefficients can answer is an error that names the feature and the row; what has a finite answer is answered.</summary>
    [Theory]
    [InlineData("ridge")]
    [InlineData("logistic")]
    [InlineData("three classes")]
    [InlineData("k-means")]
    public async Task PredictAsync_InfiniteOrMissingFeature_NamesFeatureAndRow(string name)
    {
        var asIs = new PreprocessingPlan(PreprocessingRule.Numbers());
        ITrainer trainer = name switch
        {
            "ridge" => new RidgeTrainer(new RidgeOptions { Preprocessing = asIs }),
            "k-means" => new KMeansTrainer(new KMeansOptions { Clusters = 2, Preprocessing = asIs }),
            _ => new LogisticTrainer(new LogisticOptions { Preprocessing = asIs }),
        };
        var z = new Column<double>([4, 1, 3, 1]);
        var data = name == "three classes"
            ? InMemoryDataset.FromColumns("d", (s_x, new Column<double>([1, 2, 3, 4])), (s_z, z), (s_class, TextColumn.FromStrings("a", "b", "c", "a")))
            : WithLabel(name, [1, 2, 3, 4], (s_z, z));
        var model = await trainer.TrainAsync(new TrainingContext(data), Token);
        foreach (var value in new[] { double.PositiveInfinity, double.NegativeInfinity, double.NaN })
        {
            var rows = InMemoryDataset.FromColumns("d", (s_x, new Column<double>([1, 2, 3])), (s_z, new Column<double>([1, 2, value])));
            // Two classes with the logistic function have a finite answer at infinity: 0 and 1.
            if (name == "logistic" && double.IsInfinity(value))
            {
                var probabilities = await PredictAsync(model, rows);
                Assert.Equal([0, 1], probabilities[4..].Order());
                continue;
            }

            var error = await Assert.ThrowsAsync<PredictionFailedException>(() => PredictAsync(model, rows));
            Assert.Equal(2, error.Row);
            Assert.Contains("'z'", error.Message, StringComparison.Ordinal);
            Assert.Contains("row 2 of the batch", error.Message, StringComparison.Ordinal);
        }

        // Infinite in opposite directions: minus each other they are nothing.
        var both = InMemoryDataset.FromColumns("d", (s_x, new Column<double>([double.PositiveInfinity])), (s_z, new Column<double>([double.PositiveInfinity])));
        if (name != "logistic") Assert.Contains("'x'", (await Assert.ThrowsAsync<PredictionFailedException>(() => PredictAsync(model, both))).Message, StringComparison.Ordinal);
    }

    private static Task<IModel> TrainAsync(string name, IDataset data)
    {
        ITrainer trainer = name switch
        {
            "ridge" => new RidgeTrainer(),
            "logistic" => new LogisticTrainer(),
            "k-means" => new KMeansTrainer(new KMeansOptions { Clusters = 2, Initializations = 3 }),
            "mean" => new MeanBaselineTrainer(),
            _ => new MajorityBaselineTrainer(),
        };
        return trainer.TrainAsync(new TrainingContext(data), Token);
    }

    /// <summary>x and a label of the trainer's kind: 1 to 4 again and again, or the class a for each first of four rows and b for the others.</summary>
    private static InMemoryDataset WithLabel(string name, double[] x, params (ColumnSchema Schema, Column Values)[] others)
    {
        var isClass = name is "logistic" or "majority";
        (ColumnSchema, Column) label = isClass
            ? (s_class, TextColumn.FromStrings([.. x.Select((_, row) => row % 4 == 0 ? "a" : "b")]))
            : (s_y, new Column<double>([.. x.Select((_, row) => (double)(row % 4) + 1)]));
        return InMemoryDataset.FromColumns("d", [(s_x, new Column<double>(x)), label, .. others]);
    }

    private static async Task<double[]> PredictAsync(IModel model, IDataset data)
    {
        await using var predictor = model.CreatePredictor();
        var values = new List<double>();
        await foreach (var batch in data.ReadAsync(cancellationToken: Token))
        {
            using var inputs = predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
            TensorBinding.Create(predictor.Signature.Inputs, batch.Schema).Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            values.AddRange(TensorNumbers.ToDoubles(outputs[outputs.Count - 1]));
        }

        return [.. values];
    }
}
