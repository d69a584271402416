using Mlops.Evaluation;
using Mlops.Tracking;

namespace Mlops.Monitoring;

/// <summary>How well predicted numbers agree with true ones: <c>rmse</c> and <c>mae</c>, in the unit of the label.</summary>
public static class RegressionPerformance
{
    /// <summary>Measures the agreement.</summary>
    /// <param name="predictions">The predictions, shape (n).</param>
    /// <param name="labels">The true values, shape (n).</param>
    /// <returns>The root of the mean squared error and the mean absolute error; undefined when n = 0 or a prediction is not finite.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static EvaluationResult Measure(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels)
    {
        if (predictions.Length != labels.Length)
            throw new ArgumentException($"There are {predictions.Length} predictions and {labels.Length} labels; give one label for each.", nameof(labels));
        double squares = 0, absolutes = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var error = predictions[i] - labels[i];
            squares += error * error;
            absolutes += Math.Abs(error);
        }

        return new EvaluationResult(labels.Length, [Create("rmse", Math.Sqrt(squares / labels.Length)), Create("mae", absolutes / labels.Length)]);
    }

    private static EvaluationMetric Create(string name, double value) => double.IsFinite(value)
        ? new EvaluationMetric(name, value, MetricDirection.Minimize)
        : new EvaluationMetric(name, null, MetricDirection.Minimize) { UndefinedReason = "There is no label, or a value is not finite." };
}
