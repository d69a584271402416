using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Core.Tests.Evaluation;

public sealed class PermutationImportanceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MeasureAsync_KnownModel_RanksFeaturesByTheirUse()
    {
        var importance = await PermutationImportance.MeasureAsync(JudgedModel.Create(), JudgedModel.Rows(600), cancellationToken: Token);
        Assert.Equal("x", importance[0].Feature);
        Assert.True(importance[0].Mean > 0.1);
        Assert.True(importance[0].StandardDeviation > 0);
        Assert.Equal(new FeatureImportance("noise", 0, 0), importance.Single(feature => feature.Feature == "noise"));
        Assert.Equal(importance, await PermutationImportance.MeasureAsync(JudgedModel.Create(), JudgedModel.Rows(600), cancellationToken: Token));
    }

    [Fact]
    public async Task MeasureAsync_LinearModelAndSquaredError_IsTwiceTheExplainedVariance()
    {
        // Shuffling a feature of a right linear model raises the mean squared error by 2 b² var(x).
        var random = new Random(3);
        double[] a = [.. Enumerable.Range(0, 4000).Select(_ => random.NextDouble())], b = [.. Enumerable.Range(0, 4000).Select(_ => random.NextDouble())];
        var schema = new DataSchema(new ColumnSchema("a", ElementType.Float64), new ColumnSchema("b", ElementType.Float64), new ColumnSchema("y", ElementType.Float64, ColumnRole.Label));
        var rows = new InMemoryDataset("linear", schema, new DataBatch(schema, new Column<double>(a), new Column<double>(b), new Column<double>([.. a.Zip(b, (x, z) => (3 * x) - z)])));
        var model = new DelegatePredictor(new ModelSignature([TensorSpec.Of<double>("features", 2, "a", "b")], [TensorSpec.Of<double>("y")]), (inputs, outputs) =>
        {
            for (var row = 0; row < inputs.Rows; row++) outputs.Get<double>(0).Span[row] = (3 * inputs.Get<double>(0).Span[2 * row]) - inputs.Get<double>(0).Span[(2 * row) + 1];
        });
        var squares = new OutcomeMetric("mse", MetricDirection.Minimize, judged => Enumerable.Range(0, judged.RowCount).Average(row => Math.Pow(judged.Predictions[row] - judged.Labels[row], 2)));
        var importance = await PermutationImportance.MeasureAsync(model, rows, new PermutationImportanceOptions { Metric = squares, Repeats = 10 }, cancellationToken: Token);
        Assert.Equal("a", importance[0].Feature);
        Assert.Equal(2 * 9 / 12.0, importance[0].Mean, 0.05);
        Assert.Equal(2 / 12.0, importance[1].Mean, 0.01);
    }

    [Fact]
    public async Task MeasureAsync_OneClassOrNoRows_IsUndefinedWithAReason()
    {
        var one = JudgedModel.Rows(100).Where<string>("left", left => left == "yes");
        Assert.All(await PermutationImportance.MeasureAsync(JudgedModel.Create(), one, cancellationToken: Token), feature => Assert.NotNull(feature.UndefinedReason));
        Assert.All(await PermutationImportance.MeasureAsync(JudgedModel.Create(), JudgedModel.Rows(0), cancellationToken: Token), feature => Assert.NotNull(feature.UndefinedReason));
    }

    [Fact]
    public async Task MeasureAsync_UnknownFeature_NamesTheNearest()
    {
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(() => PermutationImportance.MeasureAsync(JudgedModel.Create(), JudgedModel.Rows(10), new PermutationImportanceOptions { Features = ["nois"] }, cancellationToken: Token));
        Assert.Contains("'noise'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MeasureAsync_CancelledInTheMiddle_ThrowsAfterProgress()
    {
        using var source = new CancellationTokenSource();
        var told = new List<double>();
        var progress = new Told(value =>
        {
            told.Add(value);
            if (told.Count == 3) source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PermutationImportance.MeasureAsync(JudgedModel.Create(), JudgedModel.Rows(100), null, progress, source.Token));
        Assert.Equal([1 / 15.0, 2 / 15.0, 3 / 15.0], told);
    }

    private sealed class Told(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
