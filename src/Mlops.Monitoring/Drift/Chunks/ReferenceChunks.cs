namespace Mlops.Monitoring;

/// <summary>Limits of a statistic from how it varies between chunks of the reference.</summary>
/// <remarks>
/// <para>P-values know only the chance of drawing rows. Where chunks differ by more than that even without drift, as with days of a week, limits from reference chunks count that in.</para>
/// <para>The limit for a further chunk is mean + t·s·√(1 + 1/k), with the mean and the sample standard deviation s of k reference chunks on the scale on which the statistic is nearly normal
/// and the quantile t of Student's law with k − 1 degrees of freedom: a prediction interval, right for few chunks, of which the mean and the deviation are themselves not well known. Each
/// reference chunk is to be compared with the rest of the reference, not with the whole, of which it is a part. Thread-safe: stateless.</para>
/// <para>Source: W. A. Shewhart (1931) for limits from chunks; G. J. Hahn, W. Q. Meeker, "Statistical Intervals" (1991) for the prediction interval; E. B. Wilson, M. M. Hilferty, "The distribution of chi-square" (1931)
/// for the cube root.</para>
/// </remarks>
/// <example><code>var limit = ReferenceChunks.GetUpperLimit(distancesOfTenWeeks, 0.01, StatisticScale.Distance);</code></example>
public static class ReferenceChunks
{
    /// <summary>The smallest number of chunks that a limit is made from.</summary>
    public const int MinimumCount = 3;

    /// <summary>Gets the limit that a further chunk exceeds with the given probability without drift.</summary>
    /// <param name="statistics">The statistic of each reference chunk, shape (k); NaN is left out. At least 0 unless the scale is linear.</param>
    /// <param name="significance">The probability, above 0 and below 1.</param>
    /// <param name="scale">How the statistic spreads.</param>
    /// <returns>The limit, in the unit of the statistic; <see langword="null"/> from fewer than three chunks, or if it is not finite.</returns>
    public static double? GetUpperLimit(ReadOnlySpan<double> statistics, double significance, StatisticScale scale = StatisticScale.Distance)
    {
        if (Describe(statistics, significance, scale) is not var (mean, margin)) return null;
        var exponent = GetExponent(scale);
        var limit = exponent == 1 ? mean + margin : Math.Pow(Math.Max(0, mean + margin), 1 / exponent);
        return double.IsFinite(limit) ? limit : null;
    }

    /// <summary>Gets the limit that a further chunk falls below with the given probability without drift.</summary>
    /// <param name="statistics">The statistic of each reference chunk, shape (k); NaN is left out. At least 0 unless the scale is linear.</param>
    /// <param name="significance">The probability, above 0 and below 1.</param>
    /// <param name="scale">How the statistic spreads.</param>
    /// <returns>The limit, in the unit of the statistic; <see langword="null"/> from fewer than three chunks, or if it is not finite.</returns>
    public static double? GetLowerLimit(ReadOnlySpan<double> statistics, double significance, StatisticScale scale = StatisticScale.Linear)
    {
        if (Describe(statistics, significance, scale) is not var (mean, margin)) return null;
        var exponent = GetExponent(scale);
        var limit = exponent == 1 ? mean - margin : Math.Pow(Math.Max(0, mean - margin), 1 / exponent);
        return double.IsFinite(limit) ? limit : null;
    }

    /// <summary>Gets the mean plus three population standard deviations, as NannyML has it.</summary>
    /// <param name="statistics">The statistic of each reference chunk, shape (k); NaN is left out.</param>
    /// <returns>The limit; <see langword="null"/> without any statistic, or if it is not finite.</returns>
    public static double? GetThreeDeviationLimit(ReadOnlySpan<double> statistics) => NannyMLDrift.GetThreshold(statistics) is var limit && double.IsFinite(limit) ? limit : null;

    /// <summary>Tells how the effect of a test spreads.</summary>
    internal static StatisticScale GetScale(string test)
        => test is "population-stability-index" or "kullback-leibler" or "jensen-shannon-divergence" ? StatisticScale.Divergence : StatisticScale.Distance;

    private static double GetExponent(StatisticScale scale) => scale switch { StatisticScale.Linear => 1, StatisticScale.Distance => 2.0 / 3, _ => 1.0 / 3 };

    private static (double Mean, double Margin)? Describe(ReadOnlySpan<double> statistics, double significance, StatisticScale scale)
    {
        if (!(significance is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(significance), significance, "The significance lies between 0 and 1.");
        if (!Enum.IsDefined(scale)) throw new ArgumentOutOfRangeException(nameof(scale), scale, "The scale is unknown.");
        var exponent = GetExponent(scale);
        int count = 0;
        double mean = 0, squares = 0;
        foreach (var statistic in statistics)
        {
            if (double.IsNaN(statistic)) continue;
            if (exponent != 1 && statistic < 0) throw new ArgumentOutOfRangeException(nameof(statistics), "A distance or divergence is at least 0.");
            var value = exponent == 1 ? statistic : Math.Pow(statistic, exponent);
            count++;
            var step = value - mean;
            mean += step / count;
            squares += step * (value - mean);
        }

        if (count < MinimumCount) return null;
        // Above a half, the quantile is below 0.
        var t = significance <= 0.5 ? StudentDistribution.UpperQuantile(significance, count - 1) : -StudentDistribution.UpperQuantile(1 - significance, count - 1);
        return (mean, t * Math.Sqrt(squares / (count - 1) * (1 + (1.0 / count))));
    }
}
