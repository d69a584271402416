namespace Mlops.Monitoring;

/// <summary>Limits of a statistic from how it varies between chunks of the reference.</summary>
/// <remarks>
/// <para>P-values know only the chance of drawing rows. Where chunks differ by more than that even without drift, as with days of a week, limits from reference chunks count that in.</para>
/// <para>The limit for a further chunk is mean + t·s·√(1 + 1/k), with the mean and the sample standard deviation s of k reference chunks on the scale on which the statistic is nearly normal
/// and the quantile t of Student's law with k − 1 degrees of freedom: a prediction interval, right for few chunks, of which the mean and the deviation are themselves not well known. Each
/// reference chunk is to be compared with the rest of the reference, not with the whole, of which it is a part.</para>
/// <para>Distances are a little more skewed than their scale makes up for, and reference chunks share the rows of each other's rest, so that they vary less among themselves than a new one: except on the linear scale,
/// t is widened by the factor 1 + 1/16 + 1/(4k), which is found by simulation. docs/drift-false-alarms.md has the alarms that are left. Thread-safe: stateless.</para>
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
        return Describe(statistics, significance, scale) is var (mean, margin) && Invert(mean + margin, scale) is var limit && double.IsFinite(limit) ? limit : null;
    }

    /// <summary>Gets the limit that a further chunk falls below with the given probability without drift.</summary>
    /// <param name="statistics">The statistic of each reference chunk, shape (k); NaN is left out. At least 0 unless the scale is linear.</param>
    /// <param name="significance">The probability, above 0 and below 1.</param>
    /// <param name="scale">How the statistic spreads.</param>
    /// <returns>The limit, in the unit of the statistic; <see langword="null"/> from fewer than three chunks, or if it is not finite.</returns>
    public static double? GetLowerLimit(ReadOnlySpan<double> statistics, double significance, StatisticScale scale = StatisticScale.Linear)
    {
        return Describe(statistics, significance, scale) is var (mean, margin) && Invert(mean - margin, scale) is var limit && double.IsFinite(limit) ? limit : null;
    }

    /// <summary>Gets the mean plus three population standard deviations, as NannyML has it.</summary>
    /// <param name="statistics">The statistic of each reference chunk, shape (k); NaN is left out.</param>
    /// <returns>The limit; <see langword="null"/> without any statistic, or if it is not finite.</returns>
    public static double? GetThreeDeviationLimit(ReadOnlySpan<double> statistics) => NannyMLDrift.GetThreshold(statistics) is var limit && double.IsFinite(limit) ? limit : null;

    /// <summary>Tells how the effect of a test spreads.</summary>
    internal static StatisticScale GetScale(string test) => test switch
    {
        "population-stability-index" or "kullback-leibler" or "jensen-shannon-divergence" => StatisticScale.Divergence,
        "kolmogorov-smirnov" or "cramer-von-mises" or "anderson-darling" or "wasserstein" or "energy-distance" => StatisticScale.CurveDistance,
        _ => StatisticScale.Distance,
    };

    private static double Convert(double value, double smallest, StatisticScale scale) => scale switch
    {
        StatisticScale.Linear => value,
        StatisticScale.CurveDistance => Math.Log(Math.Max(value, smallest)),
        StatisticScale.Distance => Math.Pow(value, 2.0 / 3),
        _ => Math.Cbrt(value),
    };

    private static double Invert(double value, StatisticScale scale) => scale switch
    {
        StatisticScale.Linear => value,
        StatisticScale.CurveDistance => Math.Exp(value),
        StatisticScale.Distance => Math.Pow(Math.Max(0, value), 1.5),
        _ => Math.Pow(Math.Max(0, value), 3),
    };

    /// <summary>Gets the mean on the scale, and how far from it the limits are.</summary>
    private static (double Mean, double Margin)? Describe(ReadOnlySpan<double> statistics, double significance, StatisticScale scale)
    {
        if (!(significance is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(significance), significance, "The significance lies between 0 and 1.");
        if (!Enum.IsDefined(scale)) throw new ArgumentOutOfRangeException(nameof(scale), scale, "The scale is unknown.");
        var count = 0;
        double sum = 0;
        foreach (var statistic in statistics)
        {
            if (double.IsNaN(statistic)) continue;
            if (scale != StatisticScale.Linear && statistic < 0) throw new ArgumentOutOfRangeException(nameof(statistics), "A distance or divergence is at least 0.");
            count++;
            sum += statistic;
        }

        if (count < MinimumCount) return null;
        // Logarithms of distances close to 0 would make the limit endless: from a tenth of the mean down, all are alike.
        var smallest = 0.1 * sum / count;
        double mean = 0, squares = 0;
        var seen = 0;
        foreach (var statistic in statistics)
        {
            if (double.IsNaN(statistic)) continue;
            var value = Convert(statistic, smallest, scale);
            // Without any distance, the limit is 0.
            if (double.IsNegativeInfinity(value)) return (value, 0);
            var step = value - mean;
            mean += step / ++seen;
            squares += step * (value - mean);
        }

        // Above a half, the quantile is below 0.
        var t = significance <= 0.5 ? StudentDistribution.UpperQuantile(significance, count - 1) : -StudentDistribution.UpperQuantile(1 - significance, count - 1);
        if (scale != StatisticScale.Linear && t > 0) t *= 1 + (1.0 / 16) + (0.25 / count);
        return (mean, t * Math.Sqrt(squares / (count - 1) * (1 + (1.0 / count))));
    }
}
