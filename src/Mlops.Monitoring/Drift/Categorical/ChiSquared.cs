using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Chi-squared test of homogeneity: whether two samples of categories have the same shares.</summary>
/// <remarks>
/// <para>Statistic χ² = Σ (O − E)²/E over the 2 × K table, ≥ 0, where E takes both samples as random: taking the reference as known instead raises
/// several times more false alarms. The effect is the total variation distance, 0..1: the share of rows that would have to change their category. Thread-safe: stateless.</para>
/// <para>Categories that are expected less than five times in either sample are counted together, by their total over both samples, because the
/// law holds only for larger ones. A category that only one sample has counts like any other.</para>
/// <para>Source: K. Pearson (1900); W. G. Cochran, "Some methods for strengthening the common χ² tests" (1954) for the smallest expected count.</para>
/// </remarks>
public sealed class ChiSquared : IProfileDriftTest, ICategoryDriftTest
{
    private const double MinimumExpected = 5;
    private const string Symbol = "χ²";

    /// <inheritdoc/>
    public string Name => "chi-squared";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.1;

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options = (options ?? DriftTestOptions.Default).Validate();
        if (reference.Values is not { } expected || current.Values is not { } actual)
            return DriftDecision.NotComputable(this, reference.RowCount - reference.MissingCount, current.RowCount - current.MissingCount, $"'{reference.Name}' has no value counts on both sides.");
        if (DriftDecision.FindShortage(this, expected.Count, actual.Count, options) is { } shortage) return shortage;
        var (first, second) = GetTable(expected, actual);
        return Test(first, second, options);
    }

    /// <summary>Compares two rows of counts.</summary>
    /// <param name="reference">How often each category occurs in the reference, shape (K), each ≥ 0.</param>
    /// <param name="current">How often each occurs now, shape (K), in the same order.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <returns>The outcome; categories that occur in neither are left out, none are counted together.</returns>
    /// <exception cref="ArgumentException">The rows have different lengths or a negative count.</exception>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null)
    {
        options = (options ?? DriftTestOptions.Default).Validate();
        if (reference.Length != current.Length)
            throw new ArgumentException($"The rows have {reference.Length} and {current.Length} categories; give both the same.", nameof(current));
        long n = 0, m = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(reference[i], nameof(reference));
            ArgumentOutOfRangeException.ThrowIfNegative(current[i], nameof(current));
            n += reference[i];
            m += current[i];
        }

        if (DriftDecision.FindShortage(this, n, m, options) is { } shortage) return shortage;
        double statistic = 0, variation = 0;
        var categories = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            var total = (double)reference[i] + current[i];
            if (total == 0) continue;
            categories++;
            var (first, second) = (total * n / ((double)n + m), total * m / ((double)n + m));
            statistic += ((reference[i] - first) * (reference[i] - first) / first) + ((current[i] - second) * (current[i] - second) / second);
            variation += Math.Abs(((double)reference[i] / n) - ((double)current[i] / m)) / 2;
        }

        if (categories == 1)
        {
            return DriftDecision.Decide(this, new DriftMeasurement(Symbol, 0, 1, 0, 0, null), n, m, options) with { Reason = "Both samples have one and the same category." };
        }

        var degreesOfFreedom = categories - 1;
        // With K categories, χ² ≥ 4·(nm/(n+m))·TVD², so this is the smallest total variation distance that must be significant.
        var critical = Math.Min(1, Math.Sqrt(ChiSquaredDistribution.UpperQuantile(options.Significance, degreesOfFreedom) * ((1.0 / n) + (1.0 / m))) / 2);
        return DriftDecision.Decide(this, new DriftMeasurement(Symbol, statistic, ChiSquaredDistribution.UpperTail(statistic, degreesOfFreedom), variation, critical, null), n, m, options);
    }

    private static (long[] Reference, long[] Current) GetTable(ValueCounts expected, ValueCounts actual)
    {
        var reference = new List<long>();
        var current = new List<long>();
        // The smallest total whose expected count reaches the minimum on the smaller side.
        var smallestTotal = MinimumExpected * ((double)expected.Count + actual.Count) / Math.Min(expected.Count, actual.Count);
        long n = 0, m = 0;
        foreach (var (value, total) in Enumerate(expected, actual))
        {
            var (first, second) = (expected.GetCount(value), actual.GetCount(value));
            // A sketch that ran full may have met the value and counted it among the others, so it is compared among the others on both sides.
            var isUncertain = (first == 0 && !expected.IsExact) || (second == 0 && !actual.IsExact);
            if (isUncertain || total < smallestTotal) continue;
            reference.Add(first);
            current.Add(second);
            n += first;
            m += second;
        }

        reference.Add(expected.Count - n);
        current.Add(actual.Count - m);
        return ([.. reference], [.. current]);
    }

    private static IEnumerable<(string Value, long Total)> Enumerate(ValueCounts expected, ValueCounts actual)
    {
        foreach (var (value, count) in expected.GetOrdered()) yield return (value, count + actual.GetCount(value));
        foreach (var (value, count) in actual.GetOrdered())
        {
            if (expected.GetCount(value) == 0) yield return (value, count);
        }
    }
}
