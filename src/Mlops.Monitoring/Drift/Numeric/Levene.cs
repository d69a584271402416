namespace Mlops.Monitoring;

/// <summary>Levene's test, by default in the form of Brown and Forsythe: whether the spreads differ.</summary>
/// <remarks>
/// <para>Statistic W, the F ratio of the absolute deviations |x − centre| between and within the samples; p-value by F with 1 and n + m − 2 degrees of freedom.
/// The effect is |ln(mean absolute deviation of the current sample / that of the reference)|; where one sample does not vary at all it is 700, about the largest that numbers hold.
/// A shift alone does not show. With the mean as the centre, the p-value is right for symmetric values only: skewed ones alarm several times too often, rare ones among zeros in a third of all cases; take the median there.
/// Thread-safe: stateless.</para>
/// <para>The interval of the effect is by the delta method. Not computable with infinite values, or where the deviations of no sample differ. Time O((n+m) log(n+m)).</para>
/// <para>Source: H. Levene, "Robust tests for equality of variances" (1960); M. B. Brown and A. B. Forsythe, JASA 69 (1974).</para>
/// </remarks>
public sealed class Levene : ISortedDriftTest
{
    private const double LargestEffect = 700;
    private const string Symbol = "W";

    private readonly LeveneCentre _centre;

    /// <summary>Creates the test.</summary>
    /// <param name="centre">What deviations are taken from.</param>
    public Levene(LeveneCentre centre = LeveneCentre.Median) => _centre = centre;

    /// <inheritdoc/>
    /// <value><c>brown-forsythe</c> with the median, <c>levene</c> with the mean.</value>
    public string Name => _centre == LeveneCentre.Median ? "brown-forsythe" : "levene";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.2;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => Test(new SortedSample(reference), new SortedSample(current), options);

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, Compare, isOfDistances: true);

    private DriftResult Compare(SortedSample reference, SortedSample current, DriftTestOptions options)
    {
        int n = reference.Count, m = current.Count;
        if (n + (long)m < 3) return DriftDecision.FindShortage(this, n, m, options, 2)!;
        var (scaledX, scaledY, _) = OrderTests.Scale(reference, current);
        var (x, y) = (SampleMoments.From(GetDeviations(scaledX)), SampleMoments.From(GetDeviations(scaledY)));
        double total = (double)n + m, difference = x.Mean - y.Mean;
        var within = ((n * x.Second) + (m * y.Second)) / (total - 2);
        if (!(within > 0))
            return DriftDecision.NotComputable(this, n, m, "The deviations of no sample differ, so that there is nothing to measure by; the Kolmogorov–Smirnov test needs none.");
        var statistic = difference * difference / within * ((double)n * m / total);
        var hasRatio = x.Mean > 0 && y.Mean > 0;
        var logRatio = hasRatio ? Math.Log(y.Mean / x.Mean) : LargestEffect;
        // The variance of a mean absolute deviation over its square, with the correction for one value less.
        var deviation = Math.Sqrt((x.Second / (x.Mean * x.Mean * Math.Max(1, n - 1))) + (y.Second / (y.Mean * y.Mean * Math.Max(1, m - 1))));
        return DriftDecision.Decide(
            this,
            new DriftMeasurement(
                Symbol, statistic, FDistribution.UpperTail(statistic, 1, total - 2), Math.Min(LargestEffect, Math.Abs(logRatio)), null,
                hasRatio ? EffectIntervals.OfAbsolute(logRatio, deviation, options.ConfidenceLevel) : null),
            n, m, options);
    }

    private double[] GetDeviations(double[] sorted)
    {
        var centre = _centre == LeveneCentre.Mean
            ? SampleMoments.From(sorted).Mean
            : sorted[(sorted.Length - 1) / 2] + ((sorted[sorted.Length / 2] - sorted[(sorted.Length - 1) / 2]) / 2);
        return Array.ConvertAll(sorted, value => Math.Abs(value - centre));
    }
}
