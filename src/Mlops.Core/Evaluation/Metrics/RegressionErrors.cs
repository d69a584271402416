namespace Mlops.Evaluation;

/// <summary>Figures of the errors e = prediction − label of rows, by weight.</summary>
internal sealed class RegressionErrors
{
    private RegressionErrors()
    {
    }

    /// <summary>Gets the number of rows that have both.</summary>
    public long Count { get; private init; }

    /// <summary>Gets √mean(e²).</summary>
    public double Rmse { get; private init; }

    /// <summary>Gets mean(|e|).</summary>
    public double Mae { get; private init; }

    /// <summary>Gets mean(e).</summary>
    public double Bias { get; private init; }

    /// <summary>Gets the standard error of mean(e): by how much chance alone moves it.</summary>
    public double BiasStandardError { get; private init; }

    /// <summary>Gets 1 − Σe² / Σ(label − mean label)²; <see langword="null"/> for fewer than two rows.</summary>
    /// <remarks>As in scikit-learn: a constant truth is predicted perfectly (1), or not at all (0).</remarks>
    public double? R2 { get; private init; }

    /// <summary>Computes the figures.</summary>
    /// <param name="predictions">The predictions, shape (n).</param>
    /// <param name="labels">The labels, shape (n); rows where either is NaN are left out.</param>
    /// <param name="weights">The weights, > 0, shape (n); empty where every row counts alike.</param>
    public static RegressionErrors Of(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights)
    {
        long count = 0;
        double squared = 0, absolute = 0, sum = 0, mean = 0, spread = 0, total = 0, squaredWeights = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var error = predictions[i] - labels[i];
            if (double.IsNaN(error)) continue;
            var weight = weights.IsEmpty ? 1 : weights[i];
            count++;
            total += weight;
            squaredWeights += weight * weight;
            squared += weight * error * error;
            absolute += weight * Math.Abs(error);
            sum += weight * error;
            var delta = labels[i] - mean;
            mean += weight * delta / total;
            spread += weight * delta * (labels[i] - mean);
        }

        return new RegressionErrors
        {
            Count = count,
            Rmse = Math.Sqrt(squared / total),
            Mae = absolute / total,
            Bias = sum / total,
            BiasStandardError = Math.Sqrt(Math.Max(0, (squared / total) - (sum / total * (sum / total))) * squaredWeights) / total,
            R2 = count < 2 ? null : spread > 0 ? 1 - (squared / spread) : squared == 0 ? 1 : 0,
        };
    }

    /// <summary>Computes the excess kurtosis of the errors: mean((e − ē)⁴) / mean((e − ē)²)² − 3, which is 0 for a normal distribution.</summary>
    /// <returns>The kurtosis, ≥ −2; <see langword="null"/> where all errors are the same.</returns>
    public static double? Kurtosis(ModelOutcomes judged)
    {
        var rows = judged.RowCount;
        var bias = Of(judged.Predictions, judged.Labels, judged.Weights).Bias;
        double second = 0, fourth = 0, total = 0, largest = 0;
        for (var row = 0; row < rows; row++)
        {
            var error = judged.Predictions[row] - judged.Labels[row];
            var square = (error - bias) * (error - bias);
            var weight = judged.GetWeight(row);
            second += weight * square;
            fourth += weight * square * square;
            total += weight;
            largest = Math.Max(largest, Math.Abs(error));
        }

        // What rounding leaves of equal errors is no spread.
        return rows == 0 || Math.Sqrt(second / total) <= largest * 1e-14 ? null : (fourth / total / (second / total * (second / total))) - 3;
    }
}
