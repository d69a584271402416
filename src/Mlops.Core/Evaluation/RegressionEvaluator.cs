using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>Judges predicted numbers: <c>rmse</c>, <c>mae</c> (both in the label's unit) and <c>r2</c>.</summary>
/// <remarks>
/// <para>With errors e = prediction − label: RMSE = √mean(e²), MAE = mean(|e|), R² = 1 − Σe² / Σ(label − mean label)².</para>
/// <para>Pairs with a missing (NaN) label or prediction are left out and not counted as rows.</para>
/// </remarks>
public sealed class RegressionEvaluator : IEvaluator<double, double>
{
    /// <summary>The name of the root mean squared error.</summary>
    public const string Rmse = "rmse";

    /// <summary>The name of the mean absolute error.</summary>
    public const string Mae = "mae";

    /// <summary>The name of the coefficient of determination.</summary>
    public const string R2 = "r2";

    /// <inheritdoc/>
    public EvaluationResult Evaluate(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels)
    {
        if (predictions.Length != labels.Length)
            throw new ArgumentException($"{predictions.Length} predictions cannot be judged by {labels.Length} labels.", nameof(labels));
        var errors = RegressionErrors.Of(predictions, labels, []);
        if (errors.Count == 0)
        {
            const string Reason = "no row has both a prediction and a label";
            return new EvaluationResult(0, [Undefined(Rmse, MetricDirection.Minimize, Reason), Undefined(Mae, MetricDirection.Minimize, Reason), Undefined(R2, MetricDirection.Maximize, Reason)]);
        }

        return new EvaluationResult(errors.Count, [
            new EvaluationMetric(Rmse, errors.Rmse, MetricDirection.Minimize),
            new EvaluationMetric(Mae, errors.Mae, MetricDirection.Minimize),
            errors.R2 is { } r2 ? new EvaluationMetric(R2, r2, MetricDirection.Maximize) : Undefined(R2, MetricDirection.Maximize, "one row has no spread"),
        ]);
    }

    private static EvaluationMetric Undefined(string name, MetricDirection direction, string reason) => new(name, null, direction) { UndefinedReason = reason };
}
