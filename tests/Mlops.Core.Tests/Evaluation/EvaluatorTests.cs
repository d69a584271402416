using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class EvaluatorTests
{
    [Fact]
    public void RegressionEvaluator_KnownNumbers_AreRight()
    {
        var result = new RegressionEvaluator().Evaluate([2.5, 0.0, 2, 8, double.NaN], [3, -0.5, 2, 7, 1]);
        Assert.Equal(4, result.RowCount);
        Assert.Equal(Math.Sqrt(0.375), result.GetValue("rmse")!.Value, 1e-12);
        Assert.Equal(0.5, result.GetValue("mae")!.Value, 1e-12);
        Assert.Equal(0.9486081370449679, result.GetValue("r2")!.Value, 1e-12);
    }

    [Fact]
    public void RegressionEvaluator_InfiniteNumber_IsRefusedWithItsRow()
    {
        Assert.Contains("Prediction 2", Assert.Throws<ArgumentException>(() => new RegressionEvaluator().Evaluate([1, 2, double.PositiveInfinity], [1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("Label 1", Assert.Throws<ArgumentException>(() => new RegressionEvaluator().Evaluate([1, 2, 3], [1, double.NegativeInfinity, 3])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RegressionEvaluator_NoRows_IsUndefinedWithAReason()
    {
        var result = new RegressionEvaluator().Evaluate([], []);
        Assert.Null(result["rmse"].Value);
        Assert.NotNull(result["rmse"].UndefinedReason);
        Assert.Null(result.GetValue("rmse"));
        Assert.Throws<EntityNotFoundException>(() => result["auc"]);
        Assert.Throws<ArgumentException>(() => new RegressionEvaluator().Evaluate([1], []));
    }

    [Fact]
    public void ClassificationEvaluator_KnownNumbers_AreRight()
    {
        var result = new ClassificationEvaluator().Evaluate([0.1, 0.4, 0.35, 0.8], [false, false, true, true]);
        Assert.Equal(0.75, result.GetValue("roc_auc")!.Value, 1e-12);
        Assert.Equal(0.75, result.GetValue("accuracy")!.Value, 1e-12);
        Assert.Equal(0.4722879, result.GetValue("log_loss")!.Value, 1e-6);
        var tied = new ClassificationEvaluator().Evaluate([0.5, 0.5], [false, true]);
        Assert.Equal(0.5, tied.GetValue("roc_auc")!.Value, 1e-12);
        Assert.Null(new ClassificationEvaluator().Evaluate([0.5], [true])["roc_auc"].Value);
    }

    [Fact]
    public void ClassificationEvaluator_NumbersAsLabels_AreJudgedLikeBooleans()
    {
        IEvaluator<double, double> evaluator = new ClassificationEvaluator();
        var result = evaluator.Evaluate([0.1, 0.4, 0.35, 0.8, 0.9, double.NaN], [0, 0, 1, 1, double.NaN, 1]);
        Assert.Equal(4, result.RowCount);
        Assert.Equal(new ClassificationEvaluator().Evaluate([0.1, 0.4, 0.35, 0.8], [false, false, true, true]).Metrics, result.Metrics);
    }

    [Fact]
    public void Evaluate_Weights_CountCopiesOfRows()
    {
        IEvaluator<double, double>[] evaluators = [new ClassificationEvaluator(), new RegressionEvaluator()];
        foreach (var evaluator in evaluators)
        {
            var weighted = evaluator.Evaluate([0.1, 0.4, 0.35, 0.8, 0.9], [0, 0, 1, 1, 0], [1, 2, 1, 3, 0]);
            var repeated = evaluator.Evaluate([0.1, 0.4, 0.4, 0.35, 0.8, 0.8, 0.8], [0, 0, 0, 1, 1, 1, 1]);
            Assert.All(repeated.Metrics.Zip(weighted.Metrics), pair => Assert.Equal(pair.First.Value!.Value, pair.Second.Value!.Value, 1e-12));
            Assert.Throws<ArgumentException>(() => evaluator.Evaluate([0.1], [0], [-1]));
            Assert.Throws<ArgumentException>(() => evaluator.Evaluate([0.1], [0], [1, 1]));
        }
    }

    [Theory]
    [InlineData(2.0, 1.0)]
    [InlineData(-0.1, 1.0)]
    [InlineData(double.PositiveInfinity, 1.0)]
    [InlineData(0.5, 2.0)]
    [InlineData(0.5, 0.5)]
    public void ClassificationEvaluator_NoProbabilityOrNoClass_IsRefused(double prediction, double label)
    {
        IEvaluator<double, double> evaluator = new ClassificationEvaluator();
        Assert.Contains("RegressionEvaluator", Assert.Throws<ArgumentException>(() => evaluator.Evaluate([prediction], [label])).Message, StringComparison.Ordinal);
    }
}
