using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>Judges predicted probabilities of the positive class: <c>accuracy</c> at a threshold, <c>log_loss</c> and <c>roc_auc</c>.</summary>
/// <remarks>
/// <para>Log loss clips probabilities to [2⁻⁵², 1 − 2⁻⁵²]; the area under the ROC curve counts tied pairs as one half.</para>
/// <para>Pairs with a missing (NaN) probability or label are left out and not counted as rows.</para>
/// <para>Labels are <see langword="true"/> or 1 for the positive class, <see langword="false"/> or 0 for any other.</para>
/// </remarks>
/// <param name="threshold">The probability from which on the positive class is predicted.</param>
public sealed class ClassificationEvaluator(double threshold = 0.5) : IEvaluator<double, bool>, IEvaluator<double, double>
{
    /// <summary>The name of the share of right decisions.</summary>
    public const string Accuracy = "accuracy";

    /// <summary>The name of the mean negative log-likelihood.</summary>
    public const string LogLoss = "log_loss";

    /// <summary>The name of the area under the ROC curve.</summary>
    public const string RocAuc = "roc_auc";

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The lengths differ, a prediction is no probability, or a weight is negative or not finite.</exception>
    public EvaluationResult Evaluate(ReadOnlySpan<double> predictions, ReadOnlySpan<bool> labels, ReadOnlySpan<double> weights = default)
    {
        var numbers = new double[labels.Length];
        for (var i = 0; i < labels.Length; i++) numbers[i] = labels[i] ? 1 : 0;
        return Evaluate(predictions, numbers, weights);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The lengths differ, a prediction is no probability, a label is neither 1 nor 0 nor missing (NaN), or a weight is negative or not finite.</exception>
    public EvaluationResult Evaluate(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        MetricInput.CheckLengths(predictions.Length, labels.Length, weights.Length);
        MetricInput.CheckWeights(weights);
        var scores = new BinaryScores();
        for (var i = 0; i < labels.Length; i++)
        {
            if (predictions[i] is < 0 or > 1)
                throw new ArgumentException($"Prediction {i} is not a probability from 0 to 1. Judge the output of the model that holds probabilities; numbers of a regression are for a {nameof(RegressionEvaluator)}.", nameof(predictions));
            if (labels[i] is not (0 or 1 or double.NaN))
                throw new ArgumentException($"Label {i} is neither 1, for the positive class, nor 0. Numbers are for a {nameof(RegressionEvaluator)}.", nameof(labels));
            if (!double.IsNaN(predictions[i]) && !double.IsNaN(labels[i])) scores.Add(predictions[i], labels[i] == 1, weights.IsEmpty ? 1 : weights[i]);
        }

        var figures = scores.At(threshold);
        return new EvaluationResult(figures.RowCount, [
            EvaluationMetric.Of(Accuracy, figures.Confusion.Accuracy(), MetricDirection.Maximize),
            EvaluationMetric.Of(LogLoss, figures.LogLoss, MetricDirection.Minimize),
            EvaluationMetric.Of(RocAuc, figures.RocAuc, MetricDirection.Maximize),
        ]);
    }
}
