using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Two-sample Kolmogorov–Smirnov test: the largest difference between the two cumulative distributions.</summary>
/// <remarks>
/// <para>Statistic D = supₓ |F(x) − G(x)|, 0..1, dimensionless; the effect is D. Infinities are ordered like other values. Thread-safe: stateless.</para>
/// <para>On samples, D is exact; the p-value is exact (without ties; conservative with them) while n·m ≤ 10⁶, beyond that by the limiting law.
/// Time O((n+m) log(n+m)), plus O(nm) for the exact p-value.</para>
/// <para>On profiles whose sketches no longer keep every value, both rank errors are subtracted from D before the p-value and the effect are taken,
/// because a sketch of a million values is coarser than the critical D of so many values. The statistic is D as observed.</para>
/// <para>Source: N. V. Smirnov (1948); J. L. Hodges (1958).</para>
/// </remarks>
/// <example><code>var result = new KolmogorovSmirnov().Test(training, live); // result.Verdict, result.Effect</code></example>
public sealed class KolmogorovSmirnov : IProfileDriftTest, ISampleDriftTest
{
    private const long MaximumExactProduct = 1_000_000;
    private const string Symbol = "D";

    /// <inheritdoc/>
    public string Name => "kolmogorov-smirnov";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.08;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => TestSorted(SortedSample.From(reference), SortedSample.From(current), (options ?? DriftTestOptions.Default).Validate());

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options = (options ?? DriftTestOptions.Default).Validate();
        if (reference.Quantiles is not { } expected || current.Quantiles is not { } actual)
            return DriftDecision.NotComputable(this, reference.RowCount - reference.MissingCount, current.RowCount - current.MissingCount, $"'{reference.Name}' has no quantiles on both sides.");
        if (expected.IsExact && actual.IsExact) return TestSorted(SortedSample.From(expected), SortedSample.From(actual), options);
        if (DriftDecision.FindShortage(this, expected.Count, actual.Count, options) is { } shortage) return shortage;

        var distance = GetDistance(expected.GetSortedItems(), expected.Count, actual.GetSortedItems(), actual.Count);
        var effect = Math.Max(0, distance - expected.NormalizedRankError - actual.NormalizedRankError);
        var scale = GetScale(expected.Count, actual.Count);
        return DriftDecision.Decide(
            this,
            new DriftMeasurement(Symbol, distance, KolmogorovDistribution.UpperTail(scale * effect), effect, KolmogorovDistribution.UpperQuantile(options.Significance) / scale, null),
            expected.Count, actual.Count, options);
    }

    private DriftResult TestSorted(double[] reference, double[] current, DriftTestOptions options)
    {
        int n = reference.Length, m = current.Length;
        if (DriftDecision.FindShortage(this, n, m, options) is { } shortage) return shortage;
        var numerator = GetDistanceNumerator(reference, current);
        var distance = (double)numerator / ((double)n * m);
        var scale = GetScale(n, m);
        var pValue = (long)n * m <= MaximumExactProduct
            ? KolmogorovDistribution.ExactUpperTail(numerator, n, m)
            : KolmogorovDistribution.UpperTail(scale * distance);
        return DriftDecision.Decide(this, new DriftMeasurement(Symbol, distance, pValue, distance, KolmogorovDistribution.UpperQuantile(options.Significance) / scale, null), n, m, options);
    }

    /// <summary>Gets n·m·D as an integer, so that equal distances compare equal.</summary>
    internal static long GetDistanceNumerator(double[] reference, double[] current)
    {
        int i = 0, j = 0;
        long largest = 0;
        while (i < reference.Length && j < current.Length)
        {
            var value = Math.Min(reference[i], current[j]);
            while (i < reference.Length && reference[i] <= value) i++;
            while (j < current.Length && current[j] <= value) j++;
            largest = Math.Max(largest, Math.Abs(((long)i * current.Length) - ((long)j * reference.Length)));
        }

        return largest;
    }

    private static double GetDistance((double Value, long Weight)[] reference, long referenceCount, (double Value, long Weight)[] current, long currentCount)
    {
        int i = 0, j = 0;
        long below = 0, belowCurrent = 0;
        double largest = 0;
        while (i < reference.Length && j < current.Length)
        {
            var value = Math.Min(reference[i].Value, current[j].Value);
            while (i < reference.Length && reference[i].Value <= value) below += reference[i++].Weight;
            while (j < current.Length && current[j].Value <= value) belowCurrent += current[j++].Weight;
            largest = Math.Max(largest, Math.Abs(((double)below / referenceCount) - ((double)belowCurrent / currentCount)));
        }

        return largest;
    }

    private static double GetScale(double n, double m) => Math.Sqrt(n * m / (n + m));
}
