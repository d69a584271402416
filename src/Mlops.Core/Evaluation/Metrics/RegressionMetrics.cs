using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>The metrics of predicted numbers.</summary>
internal static class RegressionMetrics
{
    public static readonly OutcomeMetric[] All = [.. ((OutcomeMetric[])
    [
        Least(OutcomeMetrics.Rmse, scores => scores.Moments.RootMeanSquaredError()),
        Least(OutcomeMetrics.Mae, scores => scores.Moments.MeanAbsoluteError()),
        Best(OutcomeMetrics.R2, scores => scores.Moments.RSquared()),
        Least("median_absolute_error", scores => scores.MedianAbsoluteError()),
        Least("max_error", scores => scores.Moments.MaximumError()),
        Least("absolute_bias", scores => scores.Moments.MeanBias() is { IsDefined: true } bias ? Math.Abs(bias.Value) : scores.Moments.MeanBias()),
        Best("spearman", scores => scores.Spearman()),
        Least("mse", scores => scores.Moments.MeanSquaredError()),
        Best("explained_variance", scores => scores.Moments.ExplainedVariance()),
        Least("mape", scores => scores.Moments.MeanAbsolutePercentageError()),
        Least("smape", scores => scores.Moments.SymmetricMeanAbsolutePercentageError()),
        Best("pearson", scores => scores.Moments.Pearson()),
        Best("kendall_tau_b", scores => scores.KendallTauB()),
        Pinball(0.1),
        Pinball(0.5),
        Pinball(0.9),
        Least("huber", scores => scores.Moments.Huber()),
        Least("rmsle", scores => scores.Moments.RootMeanSquaredLogarithmicError()),
        Least("poisson_deviance", scores => scores.Moments.PoissonDeviance()),
        Least("gamma_deviance", scores => scores.Moments.GammaDeviance()),
    ]).Select(metric => metric.For(ModelTask.Regression, MetricSupport.AllRows, metric.Name == "max_error" ? (0, double.PositiveInfinity) : null))];

    /// <summary>How many of them say most.</summary>
    public const int Main = 7;

    private static OutcomeMetric Pinball(double quantile) => Least(string.Create(CultureInfo.InvariantCulture, $"pinball_{quantile}"), scores => scores.Moments.Pinball(quantile));

    private static OutcomeMetric Best(string name, Func<RegressionScores, MetricValue> compute) => new(name, MetricDirection.Maximize, judged => compute(judged.Figures.Regression));

    private static OutcomeMetric Least(string name, Func<RegressionScores, MetricValue> compute) => new(name, MetricDirection.Minimize, judged => compute(judged.Figures.Regression));
}
