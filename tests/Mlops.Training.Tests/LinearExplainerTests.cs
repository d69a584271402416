using System.Globalization;
using Mlops.Data;
using Mlops.Explanation;
using Mlops.Models;

namespace Mlops.Training.Tests;

public sealed class LinearExplainerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The Shapley value by its definition: over all orders in which the columns of the row can take the place of a background row's, averaged over the background.</summary>
    [Theory]
    [InlineData("credit.csv", "Status", "Seniority,Home,Age,Marital,Records,Income,Assets,Job", null)]
    [InlineData("credit.csv", "Status", "Seniority,Home,Age,Income", "bad")]
    [InlineData("credit.csv", "Home", "Seniority,Age,Marital,Income,Debt", "rent")]
    [InlineData("credit.csv", "Amount", "Seniority,Home,Time,Income,Price", null)]
    [InlineData("churn.csv", "churn", "international_plan,voice_mail_plan,total_day_minutes,total_day_charge,number_customer_service_calls,state", null)]
    public async Task ExplainAsync_SmallModel_IsTheShapleyValueByDefinition(string file, string label, string columns, string? outputClass)
    {
        var names = columns.Split(',');
        var data = (await TestData.OpenAsync(file, label)).WhereNotNull(label).Select([.. names, label]);
        ITrainer trainer = label == "Amount" ? new RidgeTrainer() : new LogisticTrainer(new LogisticOptions { Tolerance = 1e-6 });
        var model = (GraphModel)await trainer.TrainAsync(new TrainingContext(data), Token);
        var background = await data.Take(24).Rebatch(24).ToMemoryAsync(Token);
        var rows = (await data.Skip(2000).Take(6).Rebatch(6).ToMemoryAsync(Token)).Batches.Single();
        var explainer = await LinearExplainer.CreateAsync(model, background, outputClass, Token);
        var explanation = await explainer.ExplainAsync(rows, Token);

        Assert.Equal(names.Order(StringComparer.Ordinal), explanation.Features.Order(StringComparer.Ordinal));
        var others = background.Batches.Single();
        for (var row = 0; row < rows.RowCount; row++)
        {
            // The score of each coalition: the columns of the row that it names, the others from the background.
            var scores = new double[1 << names.Length];
            for (var coalition = 0; coalition < scores.Length; coalition++)
            {
                var mixed = new DataBatch(rows.Schema, rows.Schema.Select((column, i) => Array.IndexOf(names, column.Name) is var position && position >= 0 && (coalition >> position & 1) == 1
                    ? rows[i].Take([.. Enumerable.Repeat(row, others.RowCount)]) : others[i]));
                scores[coalition] = (await ScoresAsync(model, mixed, outputClass)).Average();
            }

            Assert.Equal(scores[0], explanation.BaseValue, Math.Abs(scores[0]) * 1e-9);
            Assert.Equal(scores[^1], explanation.Predictions[row], Math.Max(1, Math.Abs(scores[^1])) * 1e-9);
            for (var i = 0; i < names.Length; i++)
            {
                double expected = 0;
                for (var coalition = 0; coalition < scores.Length; coalition++)
                {
                    if ((coalition >> i & 1) == 0) expected += (scores[coalition | (1 << i)] - scores[coalition]) * Share(int.PopCount(coalition), names.Length);
                }

                Assert.Equal(expected, explanation.GetAttributions(row)[explanation.Features.Index().First(pair => pair.Item == names[i]).Index], 1e-9 * Math.Max(1, Math.Abs(expected)));
            }
        }
    }

    [Theory]
    [InlineData("churn.csv", "churn", null)]
    [InlineData("churn.csv", "churn", "no")]
    [InlineData("credit.csv", "Status", null)]
    [InlineData("credit.csv", "Home", "owner")]
    [InlineData("credit.csv", "Amount", null)]
    public async Task ExplainAsync_AllRows_AddsUpToWhatTheModelPredicts(string file, string label, string? outputClass)
    {
        var data = (await TestData.OpenAsync(file, label)).WhereNotNull(label);
        ITrainer trainer = label == "Amount" ? new RidgeTrainer() : new LogisticTrainer(new LogisticOptions { Tolerance = 1e-6 });
        var model = (GraphModel)await trainer.TrainAsync(new TrainingContext(data), Token);
        var explainer = await LinearExplainer.CreateAsync(model, data, outputClass, Token);
        Assert.Equal(data.Schema.Where(column => column.Role == ColumnRole.Feature).Select(column => column.Name).Order(StringComparer.Ordinal), explainer.Features.Order(StringComparer.Ordinal));
        var sums = new double[explainer.Features.Count];
        var (total, rows) = (0.0, 0);
        await foreach (var batch in data.ReadAsync(cancellationToken: Token))
        {
            var (explanation, byFeature) = (await explainer.ExplainAsync(batch, Token), await explainer.ExplainFeaturesAsync(batch, Token));
            var scores = await ScoresAsync(model, batch, outputClass);
            Assert.Equal(label == "Amount" ? ExplanationScale.Prediction : ExplanationScale.LogOdds, explanation.Scale);
            for (var row = 0; row < batch.RowCount; row++)
            {
                var sum = explanation.BaseValue;
                foreach (var value in explanation.GetAttributions(row)) sum += value;
                Assert.Equal(scores[row], sum, 1e-9 * Math.Max(1, Math.Abs(scores[row])));
                Assert.Equal(explanation.Predictions[row], sum, 1e-9 * Math.Max(1, Math.Abs(sum)));
                for (var i = 0; i < sums.Length; i++)
                {
                    sums[i] += explanation.GetAttributions(row)[i];
                    var parts = Enumerable.Range(0, byFeature.Features.Count).Where(j => byFeature.Features[j] == explanation.Features[i] || byFeature.Features[j].StartsWith(explanation.Features[i] + "=", StringComparison.Ordinal));
                    double together = 0;
                    foreach (var part in parts) together += byFeature.GetAttributions(row)[part];
                    Assert.Equal(explanation.GetAttributions(row)[i], together, 1e-9 * Math.Max(1, Math.Abs(together)));
                }

                total += scores[row];
                rows++;
            }
        }

        // Over the background every column's attributions have the mean 0.
        Assert.All(sums, sum => Assert.Equal(0, sum / rows, 1e-9 * Math.Max(1, Math.Abs(explainer.BaseValue))));
        Assert.Equal(total / rows, explainer.BaseValue, 1e-9 * Math.Max(1, Math.Abs(explainer.BaseValue)));
    }

    [Fact]
    public async Task CreateAsync_MoreThanTwoClasses_AsksForOne()
    {
        ColumnSchema x = new("x", ElementType.Float64), label = new("c", ElementType.String, ColumnRole.Label);
        var data = InMemoryDataset.FromColumns("d", (x, new Column<double>([1, 2, 3, 4, 5, 6])), (label, TextColumn.FromStrings("low", "low", "mid", "mid", "high", "high")));
        var model = (GraphModel)await new LogisticTrainer().TrainAsync(new TrainingContext(data), Token);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => LinearExplainer.CreateAsync(model, data, cancellationToken: Token));
        Assert.Equal("outputClass", error.ParamName);
        Assert.Contains("'high', 'low', 'mid'", error.Message, StringComparison.Ordinal);
        var explanation = await (await LinearExplainer.CreateAsync(model, data, "low", Token)).ExplainAsync(data.Batches[0], Token);
        Assert.Equal("low", explanation.Output);
        Assert.True(explanation.GetAttributions(0)[0] > 0 && explanation.GetAttributions(5)[0] < 0);
    }

    [Fact]
    public async Task ExplainAsync_LoadedModelAndBaseline_WorkToo()
    {
        var data = await TestData.OpenAsync("churn.csv", "churn");
        var model = (GraphModel)await new LogisticTrainer(new LogisticOptions { Tolerance = 1e-6 }).TrainAsync(new TrainingContext(data), Token);
        var loaded = new GraphModel(ModelGraph.FromJson(model.Graph.ToJson()));
        var batch = (await data.Take(50).Rebatch(50).ToMemoryAsync(Token)).Batches.Single();
        var expected = await (await LinearExplainer.CreateAsync(model, data, null, Token)).ExplainFeaturesAsync(batch, Token);
        var actual = await (await LinearExplainer.CreateAsync(loaded, data, null, Token)).ExplainFeaturesAsync(batch, Token);
        Assert.Equal(expected.Features, actual.Features);
        for (var row = 0; row < batch.RowCount; row++) Assert.Equal(expected.GetAttributions(row), actual.GetAttributions(row));
        Assert.Equal("yes", actual.Output);

        var majority = (GraphModel)await new MajorityBaselineTrainer().TrainAsync(new TrainingContext(data), Token);
        var constant = await (await LinearExplainer.CreateAsync(majority, data, null, Token)).ExplainAsync(batch, Token);
        for (var row = 0; row < batch.RowCount; row++) Assert.All(constant.GetAttributions(row).ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task CreateAsync_WhatCannotBeExplained_IsRefused()
    {
        var data = await TestData.OpenAsync("credit.csv", "Status");
        var model = (GraphModel)await new LogisticTrainer(new LogisticOptions { Tolerance = 1e-4 }).TrainAsync(new TrainingContext(data), Token);
        var unknown = await Assert.ThrowsAsync<ArgumentException>(() => LinearExplainer.CreateAsync(model, data, "so-so", Token));
        Assert.Contains("'bad', 'good'", unknown.Message, StringComparison.Ordinal);
        var clusters = (GraphModel)await new KMeansTrainer(new KMeansOptions { Clusters = 2, Initializations = 1 }).TrainAsync(new TrainingContext(data), Token);
        var wrong = await Assert.ThrowsAsync<ArgumentException>(() => LinearExplainer.CreateAsync(clusters, data, null, Token));
        Assert.Contains("0 linear steps", wrong.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => LinearExplainer.CreateAsync(model, data.Select("Age", "Status"), null, Token));
        await Assert.ThrowsAsync<DataFormatException>(() => LinearExplainer.CreateAsync(model, data.Where((_, _) => false), null, Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LinearExplainer.CreateAsync(model, data, null, new CancellationToken(true)));
    }

    [Fact]
    public async Task LinearCoefficients_Table_NamesFeaturesAndClasses()
    {
        var data = await TestData.OpenAsync("churn.csv", "churn");
        var learned = LinearCoefficients.Of((GraphModel)await new LogisticTrainer().TrainAsync(new TrainingContext(data), Token));
        var lines = learned.ToString().Split('\n');
        Assert.Equal("feature", lines[0].Split(' ')[0]);
        Assert.EndsWith(" yes", lines[0], StringComparison.Ordinal);
        Assert.Equal(learned.FeatureNames.Count + 3, lines.Length);
        Assert.Contains(lines, line => line.StartsWith("international_plan=yes ", StringComparison.Ordinal) && line.EndsWith(learned.Get("international_plan=yes").ToString("0.000000", CultureInfo.InvariantCulture), StringComparison.Ordinal));
        var absent = Assert.Throws<EntityNotFoundException>(() => learned.Get($"{learned.FeatureNames[0]}s"));
        Assert.Contains($"Did you mean '{learned.FeatureNames[0]}'?", absent.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Did you mean", Assert.Throws<EntityNotFoundException>(() => learned.Get("§§§§§§§§§§§§§§§§§§§§")).Message, StringComparison.Ordinal);
    }

    /// <summary>How often, of all orders, a column comes after exactly <paramref name="before"/> given others: before! (n − before − 1)! / n!.</summary>
    private static double Share(int before, int count)
    {
        double share = 1.0 / count;
        for (var i = 1; i <= before; i++) share *= (double)i / (count - i);
        return share;
    }

    /// <summary>The scores in 64-bit floating point from the coefficients and the features of the model's graph, by other code than the explainer's.</summary>
    private static async Task<double[]> ScoresAsync(GraphModel model, DataBatch batch, string? outputClass)
    {
        var last = model.Graph.Nodes[^1];
        var width = last.Operator is LinearRegressorOperator regressor ? regressor.Coefficients.Length : ((LinearClassifierOperator)last.Operator).Coefficients[0].Length;
        var graph = new ModelGraph(new ModelSignature(model.Signature.Inputs, [TensorSpec.Of<float>(last.Inputs[0], width)]), model.Graph.Nodes.SkipLast(1));
        await using var predictor = new GraphModel(graph).CreatePredictor();
        using var inputs = predictor.Signature.RentInputs(batch.RowCount);
        using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
        TensorBinding.Create(predictor.Signature.Inputs, batch.Schema).Write(batch, inputs);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        var features = outputs.Get<float>(0).Span.ToArray();
        return [.. Enumerable.Range(0, batch.RowCount).Select(row => Score(last.Operator, features.AsSpan(row * width, width), outputClass))];
    }

    private static double Score(GraphOperator step, ReadOnlySpan<float> features, string? outputClass)
    {
        var (coefficients, intercept, sign) = step switch
        {
            LinearRegressorOperator regressor => (regressor.Coefficients, regressor.Intercept, 1.0),
            LinearClassifierOperator { Coefficients.Length: 1 } binary => (binary.Coefficients[0], binary.Intercepts[0], outputClass is null || outputClass == binary.TextClasses![1] ? 1.0 : -1.0),
            LinearClassifierOperator many when Array.IndexOf(many.TextClasses!, outputClass) is var i => (many.Coefficients[i], many.Intercepts[i], 1.0),
            _ => throw new NotSupportedException(),
        };
        var sum = intercept;
        for (var i = 0; i < features.Length; i++) sum += coefficients[i] * features[i];
        return sign * sum;
    }
}
