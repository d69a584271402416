namespace Mlops.Evaluation;

/// <summary>Refuses what no metric can be computed of.</summary>
internal static class MetricInput
{
    private const double LargestSum = 1e306;

    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void CheckLengths(int predictions, int labels, int weights, string what = "predictions")
    {
        if (predictions != labels) throw new ArgumentException($"{predictions} {what} cannot be judged by {labels} labels.", nameof(labels));
        if (weights > 0 && weights != labels) throw new ArgumentException($"There are {weights} weights for {labels} rows.", nameof(weights));
    }

    /// <exception cref="ArgumentException">A number is not finite.</exception>
    public static void CheckFinite(ReadOnlySpan<double> numbers, string what, string parameter)
    {
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!double.IsFinite(numbers[i])) throw new ArgumentException($"{what} {i} is not finite. Leave such rows out, or repair the model that gives them.", parameter);
        }
    }

    /// <exception cref="ArgumentException">A weight is negative or not finite, or their sum is so large that products of it would overflow.</exception>
    public static void CheckWeights(ReadOnlySpan<double> weights)
    {
        double sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (!(weights[i] >= 0) || double.IsInfinity(weights[i])) throw new ArgumentException($"Weight {i} is negative or not finite. Weights are ≥ 0; those of 0 leave rows out.", nameof(weights));
            sum += weights[i];
        }

        if (sum > LargestSum) throw new ArgumentException($"The weights add up to more than {LargestSum:0E+0}, so that figures would overflow. Divide them all by the largest one.", nameof(weights));
    }
}
