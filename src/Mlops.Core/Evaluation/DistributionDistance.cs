namespace Mlops.Evaluation;

/// <summary>How far apart two samples are.</summary>
internal static class DistributionDistance
{
    /// <summary>The statistic of Kolmogorov and Smirnov: the largest difference between the two cumulative distributions.</summary>
    /// <param name="first">The first sample, without NaN, n ≥ 1; sorted afterwards.</param>
    /// <param name="second">The second one, without NaN, m ≥ 1; sorted afterwards.</param>
    /// <returns>The distance, 0..1.</returns>
    /// <remarks>Source: N. V. Smirnov (1948).</remarks>
    public static double KolmogorovSmirnov(double[] first, double[] second)
    {
        Array.Sort(first);
        Array.Sort(second);
        double largest = 0;
        for (int i = 0, j = 0; i < first.Length && j < second.Length;)
        {
            var value = Math.Min(first[i], second[j]);
            while (i < first.Length && first[i] <= value) i++;
            while (j < second.Length && second[j] <= value) j++;
            largest = Math.Max(largest, Math.Abs(((double)i / first.Length) - ((double)j / second.Length)));
        }

        return largest;
    }
}
