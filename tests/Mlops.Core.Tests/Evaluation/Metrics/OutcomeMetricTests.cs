using System.Globalization;
using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class OutcomeMetricTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void EvaluateSlices_OfAnyTask_AreTheFiguresOfTheRows(int classes)
    {
        var outcomes = Outcomes(classes, 400);
        int[] codes = [.. Enumerable.Range(0, 400).Select(i => (i % 4) - 1)];
        var column = new SliceColumn("region", ["a", "b", "c"], codes);
        var metrics = OutcomeMetrics.All(outcomes.Task);
        var slices = OutcomeMetrics.EvaluateSlices(outcomes, column, metrics);
        Assert.Equal(4, slices.Count);
        for (var code = -1; code < 3; code++)
            Assert.Equal(Describe(EvaluationResult.Of(outcomes.Select(column.RowsOf(code)), metrics)), Describe(slices[code < 0 ? 3 : code]));
        Assert.Throws<ArgumentException>(() => OutcomeMetrics.EvaluateSlices(outcomes, new SliceColumn("x", [], [])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void Compute_OfOutcomes_IsWhatTheCollectorsGive(int classes)
    {
        var outcomes = Outcomes(classes, 300);
        MetricValue Get(string name) => OutcomeMetrics.Get(name, outcomes.Task).Compute(outcomes);
        if (classes == 0)
        {
            Assert.Equal(RegressionScores.Of(outcomes).KendallTauB(), Get("kendall_tau_b"));
            Assert.Equal(RegressionScores.Of(outcomes).Moments.RootMeanSquaredError(), Get("rmse"));
        }
        else
        {
            Assert.Equal(ConfusionMatrix.Of(outcomes).F1(Averaging.Weighted), Get("f1_weighted"));
            Assert.Equal(classes == 2 ? BinaryScores.Of(outcomes).RocAuc() : MulticlassScores.Of(outcomes).RocAucOneVersusRest(), Get("roc_auc"));
        }
    }

    [Fact]
    public async Task Compute_OfTheSameOutcomesFromManyThreads_IsTheSame()
    {
        var outcomes = Outcomes(2, 5000);
        var expected = Describe(EvaluationResult.Of(Outcomes(2, 5000), OutcomeMetrics.All(ModelTask.BinaryClassification)));
        var found = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Describe(EvaluationResult.Of(outcomes, OutcomeMetrics.All(ModelTask.BinaryClassification))), TestContext.Current.CancellationToken)));
        Assert.All(found, text => Assert.Equal(expected, text));
    }

    [Fact]
    public void Catalogue_OfEachTask_HasItsMainMetricsFirst()
    {
        foreach (var task in Enum.GetValues<ModelTask>())
        {
            var (main, all) = (OutcomeMetrics.Of(task), OutcomeMetrics.All(task));
            Assert.Equal(main, all.Take(main.Count));
            Assert.InRange(main.Count, 7, 12);
            Assert.Equal(all.Count, all.Select(metric => metric.Name).Distinct().Count());
            Assert.All(all, metric => Assert.Same(metric, OutcomeMetrics.Get(metric.Name, task)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void Compute_OfNothingOneRowOrOneClass_IsANumberOrAReason(int classes)
    {
        ModelOutcomes[] few = [Outcomes(classes, 0), Outcomes(classes, 1), Outcomes(classes, 2), Outcomes(classes, 40).Select([0, 0, 0])];
        foreach (var outcomes in few)
        {
            foreach (var metric in OutcomeMetrics.All(outcomes.Task))
            {
                var value = metric.Compute(outcomes);
                Assert.True(value.IsDefined ? !double.IsNaN(value.Value) : value.UndefinedReason!.Length > 0, metric.Name);
                if (outcomes.Judged.RowCount == 0) Assert.Equal("no row has a label, a prediction and a weight", value.UndefinedReason);
            }
        }
    }

    [Fact]
    public void Judged_WeightZeroAndBadLabelsAndPredictions_AreLeftOut()
    {
        ModelOutcomes outcomes = new([], [1, 2, 5, 6, double.NaN], [1, 2, double.PositiveInfinity, double.NaN, 7], [1, 0, 1, 1, 1]);
        Assert.Equal(1, outcomes.Judged.RowCount);
        Assert.Equal(0, OutcomeMetrics.Evaluate("rmse", outcomes).Value);
    }

    [Fact]
    public void Get_UnknownNames_TellsThoseThatThereAre()
    {
        Assert.Contains("rmse", Assert.Throws<EntityNotFoundException>(() => OutcomeMetrics.Evaluate("accuracy", new ModelOutcomes([], [1], [1]))).Message, StringComparison.Ordinal);
        Assert.Contains("f1_macro", Assert.Throws<ArgumentException>(() => OutcomeMetrics.Check("f3")).Message, StringComparison.Ordinal);
        Assert.Equal("kendall_tau_b", OutcomeMetrics.Check("kendall_tau_b"));
    }

    private static string[] Describe(EvaluationResult result)
        => [.. result.Metrics.Select(metric => $"{metric.Name} {metric.Value?.ToString("G12", CultureInfo.InvariantCulture) ?? metric.UndefinedReason} of {result.RowCount}")];

    private static ModelOutcomes Outcomes(int classes, int rows)
    {
        var random = new SplitMix64(31);
        var width = Math.Max(1, classes);
        var (predictions, labels, weights) = (new double[rows * width], new double[rows], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            labels[row] = row % 50 == 49 ? double.NaN : classes == 0 ? 1 + (random.Next() % 100 / 10.0) : random.Next() % (ulong)classes;
            weights[row] = row % 37 == 36 ? 0 : 1 + (random.Next() % 3);
            double sum = 0;
            for (var i = 0; i < width; i++) sum += predictions[(row * width) + i] = 1 + (double)(random.Next() % 64) + (classes > 0 && labels[row] == i ? 20 : 0);
            for (var i = 0; i < classes; i++) predictions[(row * width) + i] /= sum;
        }

        return new ModelOutcomes([.. Enumerable.Range(0, classes).Select(i => $"c{i}")], predictions, labels, weights);
    }
}
