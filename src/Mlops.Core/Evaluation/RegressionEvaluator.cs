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
    /// <exception cref="ArgumentException">The lengths differ, a prediction or label is infinite, or a weight is negative or not finite; the message names the row.</exception>
    public EvaluationResult Evaluate(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        MetricInput.CheckLengths(predictions.Length, labels.Length, weights.Length);
        MetricInput.CheckWeights(weights);
        var moments = new RegressionMoments();
        for (var i = 0; i < labels.Length; i++)
        {
            if (double.IsInfinity(predictions[i])) throw new ArgumentException($"Prediction {i} is infinite. Leave such rows out, or repair the model that gives them.", nameof(predictions));
            if (double.IsInfinity(labels[i])) throw new ArgumentException($"Label {i} is infinite. Leave such rows out, or correct the label.", nameof(labels));
            if (!double.IsNaN(predictions[i]) && !double.IsNaN(labels[i])) moments.Add(predictions[i..(i + 1)], labels[i..(i + 1)], weights.IsEmpty ? default : weights[i..(i + 1)]);
        }

        return new EvaluationResult(moments.RowCount, [
            EvaluationMetric.Of(Rmse, moments.RootMeanSquaredError(), MetricDirection.Minimize),
            EvaluationMetric.Of(Mae, moments.MeanAbsoluteError(), MetricDirection.Minimize),
            EvaluationMetric.Of(R2, moments.RSquared(), MetricDirection.Maximize),
        ]);
    }
}
