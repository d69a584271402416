using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Explanation;
using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Core.Tests.Explanation;

public sealed class PermutationExplainerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(5, 2)]
    [InlineData(6, 3)]
    public async Task ExplainAsync_FewFeatures_IsWhatTheDefinitionGives(int features, int seed)
    {
        var (weights, rows, background) = (Weights(features, seed), Rows(features, 4, seed + 10), Rows(features, 15, seed + 20));
        var explainer = new PermutationExplainer(Interacting(weights, features), background);
        Assert.True(explainer.IsExact);
        var explanation = await explainer.ExplainAsync(rows, Token);
        for (var row = 0; row < 4; row++)
        {
            var expected = BruteForce(features, set => Average(weights, features, rows, row, background, set));
            for (var i = 0; i < features; i++) Assert.Equal(expected[i], explanation.GetAttributions(row)[i], 1e-10);
        }
    }

    [Fact]
    public void ExplainAsync_MorePairs_ComeNearer()
    {
        const int Features = 7;
        var (weights, rows, background) = (Weights(Features, 4), Rows(Features, 6, 14), Rows(Features, 10, 24));
        var model = Interacting(weights, Features);
        double Error(int pairs)
        {
            double sum = 0;
            for (var seed = 0; seed < 40; seed++)
            {
                var sampled = new PermutationExplainer(model, background, new PermutationExplainerOptions { Pairs = pairs, MaximumExactFeatures = 0, Seed = (ulong)seed });
                Assert.False(sampled.IsExact);
                var task = sampled.ExplainAsync(rows, Token);
                Assert.True(task.IsCompletedSuccessfully);
                var explanation = task.GetAwaiter().GetResult();
                for (var row = 0; row < 6; row++)
                {
                    var expected = BruteForce(Features, set => Average(weights, Features, rows, row, background, set));
                    var total = explanation.BaseValue;
                    for (var i = 0; i < Features; i++)
                    {
                        sum += Math.Pow(expected[i] - explanation.GetAttributions(row)[i], 2);
                        total += explanation.GetAttributions(row)[i];
                    }

                    Assert.Equal(explanation.Predictions[row], total, 1e-10);
                }
            }

            return Math.Sqrt(sum);
        }

        var (few, many) = (Error(3), Error(48));
        // Sixteen times the orders: a quarter of the error.
        Assert.InRange(few / many, 2.8, 5.6);
    }

    [Fact]
    public async Task ExplainAsync_AdditiveModelOfManyFeatures_IsExactFromOnePairOn()
    {
        const int Features = 40;
        var (weights, rows, background) = (Weights(Features, 6, hasInteractions: false), Rows(Features, 2, 16), Rows(Features, 10, 26));
        var explanation = await new PermutationExplainer(Interacting(weights, Features), background, new PermutationExplainerOptions { Pairs = 1 }).ExplainAsync(rows, Token);
        for (var i = 0; i < Features; i++)
        {
            var column = ((Column<double>)background[i]).Values.ToArray();
            Assert.Equal(weights[i, i] * (((Column<double>)rows[i]).Values[0] - column.Average()), explanation.GetAttributions(0)[i], 1e-10);
        }
    }

    [Fact]
    public async Task ExplainAsync_LogOdds_AddUpToThem()
    {
        var background = Texts(["a", "b", "a", "b"], [0.1, 0.4, -0.2, 0.9]);
        var explainer = new PermutationExplainer(Classifier(), background, new PermutationExplainerOptions { Scale = ExplanationScale.LogOdds });
        var explanation = await explainer.ExplainAsync(Texts(["b", "a"], [2, -1]), Token);
        // The model's log-odds are 2 x, and 1 more where the text is b: exact in closed form.
        Assert.Equal(5, explanation.Predictions[0], 1e-9);
        Assert.Equal(0.5, explanation.GetAttributions(0)[0], 1e-9);
        Assert.Equal(2 * (2 - 0.3), explanation.GetAttributions(0)[1], 1e-9);
        Assert.Equal(0.5 + 0.6, explanation.BaseValue, 1e-9);
        Assert.Equal("p[yes]", explanation.Output);
        Assert.Equal(ExplanationScale.LogOdds, explanation.Scale);
        var other = await new PermutationExplainer(Classifier(), background, new PermutationExplainerOptions { Class = "no" }).ExplainAsync(Texts(["b"], [2]), Token);
        Assert.Equal(1 / (1 + Math.Exp(5)), other.Predictions[0], 1e-12);
    }

    /// <summary>However the background is cut into batches, and whatever else it holds, the same rows are drawn of all of it.</summary>
    [Fact]
    public async Task CreateAsync_BackgroundInSmallBatches_IsTheWholeOne()
    {
        const int Features = 4;
        var (weights, all, rows) = (Weights(Features, 8), Rows(Features, 60, 18), Rows(Features, 3, 28));
        var model = Interacting(weights, Features);
        var whole = new InMemoryDataset("background", all.Schema, all);
        var pieces = new InMemoryDataset("background", all.Schema, Enumerable.Range(0, 60).Select(row => all.Take([row]))).Derive("other", "f0", (double value) => value > 0);
        var expected = await new PermutationExplainer(model, all).ExplainAsync(rows, Token);
        foreach (var background in new[] { whole, pieces })
        {
            var actual = await (await PermutationExplainer.CreateAsync(model, background, null, Token)).ExplainAsync(rows, Token);
            Assert.Equal(expected.BaseValue, actual.BaseValue, 1e-12);
            for (var row = 0; row < 3; row++)
            {
                for (var i = 0; i < Features; i++) Assert.Equal(expected.GetAttributions(row)[i], actual.GetAttributions(row)[i], 1e-12);
            }
        }

        // Fewer are drawn by the seed, of all rows and not of the first ones.
        var options = new PermutationExplainerOptions { MaximumBackgroundRows = 5, Seed = 3 };
        var (a, b) = (await (await PermutationExplainer.CreateAsync(model, whole, options, Token)).ExplainAsync(rows, Token), await (await PermutationExplainer.CreateAsync(model, pieces, options, Token)).ExplainAsync(rows, Token));
        Assert.Equal(a.BaseValue, b.BaseValue);
        var first = await new PermutationExplainer(model, all.Take([0, 1, 2, 3, 4])).ExplainAsync(rows, Token);
        Assert.NotEqual(first.BaseValue, a.BaseValue, 1e-6);
    }

    [Fact]
    public async Task CreateAsync_BadInput_IsRefused()
    {
        var (model, rows) = (Interacting(Weights(2, 1), 2), Rows(2, 3, 1));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => PermutationExplainer.CreateAsync(model, new InMemoryDataset("nothing", rows.Schema), null, Token));
        Assert.Equal("nothing", error.DataSource);
        Assert.Equal("f1", (await Assert.ThrowsAsync<EntityNotFoundException>(() => PermutationExplainer.CreateAsync(model, new InMemoryDataset("rows", rows.Schema, rows).Select("f0"), null, Token))).Name);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PermutationExplainer.CreateAsync(model, new InMemoryDataset("rows", rows.Schema, rows), new PermutationExplainerOptions { MaximumBackgroundRows = 0 }, Token));
    }

    [Fact]
    public void Constructor_BadInput_IsRefused()
    {
        var background = Texts(["a"], [1]);
        Assert.Throws<ArgumentException>(() => new PermutationExplainer(Classifier(), background.Take([])));
        Assert.Throws<EntityNotFoundException>(() => new PermutationExplainer(Classifier(), background.Select("x")));
        Assert.Throws<ArgumentException>(() => new PermutationExplainer(Classifier(), background, new PermutationExplainerOptions { Class = "maybe" }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PermutationExplainer(Classifier(), background, new PermutationExplainerOptions { Pairs = 0 }));
    }

    [Fact]
    public async Task ExplainAsync_ModelThatGivesNaNOrOtherTypes_IsATypedError()
    {
        var model = new DelegatePredictor(new ModelSignature([TensorSpec.Of<double>("f0", 1, "f0")], [TensorSpec.Of<double>("y")]), (_, outputs) => outputs.Get<double>(0).Span.Fill(double.NaN));
        await Assert.ThrowsAsync<PredictionFailedException>(async () => await new PermutationExplainer(model, Rows(1, 3, 1)).ExplainAsync(Rows(1, 1, 2), Token));
        var schema = new DataSchema(new ColumnSchema("text", ElementType.String), new ColumnSchema("x", ElementType.Int32));
        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await new PermutationExplainer(Classifier(), Texts(["a"], [1])).ExplainAsync(new DataBatch(schema, TextColumn.FromStrings("a"), new Column<int>([1])), Token));
        Assert.Contains("'x'", error.Message, StringComparison.Ordinal);
        var scores = new DelegatePredictor(new ModelSignature([TensorSpec.Of<double>("f0", 1, "f0")], [TensorSpec.Of<double>("y")]), (_, outputs) => outputs.Get<double>(0).Span.Fill(7));
        await Assert.ThrowsAsync<PredictionFailedException>(async () => await new PermutationExplainer(scores, Rows(1, 3, 1), new PermutationExplainerOptions { Scale = ExplanationScale.LogOdds }).ExplainAsync(Rows(1, 1, 2), Token));
    }

    internal static DelegatePredictor Interacting(double[,] weights, int features) => new(
        new ModelSignature([TensorSpec.Of<double>("features", features, [.. Enumerable.Range(0, features).Select(i => $"f{i}")])], [TensorSpec.Of<double>("y")]),
        (inputs, outputs) =>
        {
            for (var row = 0; row < inputs.Rows; row++) outputs.Get<double>(0).Span[row] = Value(weights, inputs.Get<double>(0).Span.Slice(row * features, features));
        });

    internal static double[,] Weights(int features, int seed, bool hasInteractions = true)
    {
        var random = new Random(seed);
        var weights = new double[features, features];
        for (var i = 0; i < features; i++)
        {
            for (var j = i; j < features; j++) weights[i, j] = i == j || hasInteractions ? (random.NextDouble() * 2) - 1 : 0;
        }

        return weights;
    }

    internal static DataBatch Rows(int features, int count, int seed)
    {
        var random = new Random(seed);
        return new DataBatch(
            new DataSchema(Enumerable.Range(0, features).Select(i => new ColumnSchema($"f{i}", ElementType.Float64))),
            Enumerable.Range(0, features).Select(_ => new Column<double>([.. Enumerable.Range(0, count).Select(_ => (random.NextDouble() * 4) - 2)])).ToArray());
    }

    /// <summary>Linear parts and products of two, and one of three that is not smooth.</summary>
    private static double Value(double[,] weights, ReadOnlySpan<double> x)
    {
        double sum = 0;
        for (var i = 0; i < x.Length; i++)
        {
            for (var j = i; j < x.Length; j++) sum += weights[i, j] * (i == j ? x[i] : x[i] * x[j]);
        }

        return x.Length > 2 && weights[0, 1] != 0 && x[0] > 0 && x[1] > 0 && x[2] > 0 ? sum + 3 : sum;
    }

    private static double Average(double[,] weights, int features, DataBatch rows, int row, DataBatch background, int set)
    {
        double sum = 0;
        var x = new double[features];
        for (var other = 0; other < background.RowCount; other++)
        {
            for (var i = 0; i < features; i++) x[i] = (set >> i & 1) == 1 ? ((Column<double>)rows[i]).Values[row] : ((Column<double>)background[i]).Values[other];
            sum += Value(weights, x);
        }

        return sum / background.RowCount;
    }

    /// <summary>The mean over all orders, each of them walked.</summary>
    private static double[] BruteForce(int features, Func<int, double> value)
    {
        var (sums, orders, known) = (new double[features], 0, new Dictionary<int, double>());
        Walk(0);
        return [.. sums.Select(sum => sum / orders)];

        double Of(int set) => known.TryGetValue(set, out var found) ? found : known[set] = value(set);

        int Walk(int set)
        {
            if (set == (1 << features) - 1)
            {
                orders++;
                return 1;
            }

            var passed = 0;
            for (var i = 0; i < features; i++)
            {
                if ((set >> i & 1) == 1) continue;
                var through = Walk(set | 1 << i);
                sums[i] += through * (Of(set | 1 << i) - Of(set));
                passed += through;
            }

            return passed;
        }
    }

    private static DelegatePredictor Classifier() => new(
        new ModelSignature([TensorSpec.Of<string>("text", 1, "text"), TensorSpec.Of<double>("x", 1, "x")], [TensorSpec.Of<double>("p", 2) with { Classes = ["no", "yes"] }]),
        (inputs, outputs) =>
        {
            for (var row = 0; row < inputs.Rows; row++)
            {
                var p = 1 / (1 + Math.Exp(-((inputs.Get<string>(0).Span[row] == "b" ? 1 : 0) + (2 * inputs.Get<double>(1).Span[row]))));
                (outputs.Get<double>(0).Span[2 * row], outputs.Get<double>(0).Span[(2 * row) + 1]) = (1 - p, p);
            }
        });

    private static DataBatch Texts(string[] texts, double[] numbers) => new(
        new DataSchema(new ColumnSchema("text", ElementType.String), new ColumnSchema("x", ElementType.Float64)), TextColumn.FromStrings(texts), new Column<double>(numbers));
}

public sealed class ExactPermutationExplainerConformance : PermutationExplainerConformance
{
    protected override PermutationExplainerOptions Options => new();
}

public sealed class SampledPermutationExplainerConformance : PermutationExplainerConformance
{
    protected override PermutationExplainerOptions Options => new() { MaximumExactFeatures = 0, Pairs = 4, MaximumBatchRows = 7 };
}

public abstract class PermutationExplainerConformance : ExplainerConformance
{
    private const int Features = 6;

    protected abstract PermutationExplainerOptions Options { get; }

    protected override string? UnusedFeature => "f5";

    // Orders that are drawn treat features alike on average only.
    protected override (string First, string Second)? LikeFeatures => Options.MaximumExactFeatures > 0 ? ("f3", "f4") : null;

    protected override Task<IExplainer> CreateExplainerAsync(CancellationToken cancellationToken)
        => Task.FromResult<IExplainer>(new PermutationExplainer(Model(), Alike(PermutationExplainerTests.Rows(Features, 12, 2)), Options));

    protected override DataBatch CreateRows() => Alike(PermutationExplainerTests.Rows(Features, 5, 3));

    protected override async Task<double[]> PredictAsync(DataBatch rows, CancellationToken cancellationToken)
    {
        var model = Model();
        using var inputs = model.Signature.RentInputs(rows.RowCount);
        using var outputs = model.Signature.RentOutputs(rows.RowCount);
        TensorBinding.Create(model.Signature.Inputs, rows.Schema).Write(rows, inputs);
        await model.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken);
        return outputs.Get<double>(0).Span.ToArray();
    }

    private static DelegatePredictor Model()
    {
        var weights = PermutationExplainerTests.Weights(Features, 8);
        for (var i = 0; i < Features; i++) (weights[i, 5], weights[Math.Min(i, 4), 4]) = (0, weights[Math.Min(i, 3), 3]);
        weights[3, 4] = 0.7;
        weights[4, 4] = weights[3, 3];
        return PermutationExplainerTests.Interacting(weights, Features);
    }

    /// <summary>Gives two features the same values.</summary>
    private static DataBatch Alike(DataBatch rows) => new(rows.Schema, rows.Schema.Select(column => rows[column.Name == "f4" ? "f3" : column.Name]));
}
