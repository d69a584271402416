namespace Mlops.Monitoring;

/// <summary>Brunner–Munzel test: whether values of one sample tend to be larger than those of the other, also when their spreads differ.</summary>
/// <remarks>
/// <para>Statistic: the difference of the mean ranks over its standard error, positive when current values are larger; p-value by Student's t with Satterthwaite's degrees of freedom.
/// The effect is |2p − 1|, 0..1, with p the share of pairs in which the current value is larger, ties counting half. Infinities are ordered like other values. Thread-safe: stateless.</para>
/// <para>Where every pair compares alike, the standard error would be 0: it is then that of one pair that compares otherwise, and the p-value of samples that do not overlap is at least how likely that is when
/// rows are dealt at random. The interval of the effect is Wilson's with the same variance. Time O((n+m) log(n+m)).</para>
/// <para>Source: E. Brunner and U. Munzel, "The nonparametric Behrens–Fisher problem", Biometrical Journal 42 (2000).</para>
/// </remarks>
public sealed class BrunnerMunzel : ISortedDriftTest, IDirectedDriftTest
{
    private const string Symbol = "W";

    private readonly Alternative _alternative;

    /// <summary>Creates the test.</summary>
    /// <param name="alternative">Which differences count.</param>
    public BrunnerMunzel(Alternative alternative = Alternative.TwoSided) => _alternative = alternative;

    /// <inheritdoc/>
    public string Name => "brunner-munzel";

    Alternative IDirectedDriftTest.Alternative => _alternative;

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.11;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => Test(new SortedSample(reference), new SortedSample(current), options);

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, Compare, minimumCount: 2);

    private DriftResult Compare(SortedSample reference, SortedSample current, DriftTestOptions options)
    {
        int n = reference.Count, m = current.Count;
        var pairs = PairComparison.From(reference.Values, current.Values);
        double product = (double)n * m, x = n * pairs.ReferenceVariance, y = m * pairs.CurrentVariance;
        var isUniform = !(x + y > 0);
        if (isUniform) (x, y) = (1, 1);
        var theta = 1 - (pairs.ReferenceWins / product);
        // The mean ranks differ by N·(θ − ½).
        var error = Math.Sqrt(x + y) / product;
        var statistic = (theta - 0.5) / error;
        var degreesOfFreedom = (x + y) * (x + y) / ((x * x / (n - 1.0)) + (y * y / (m - 1.0)));
        var significance = _alternative == Alternative.TwoSided ? options.Significance / 2 : options.Significance;
        var pValue = _alternative switch
        {
            Alternative.Less => StudentDistribution.UpperTail(statistic, degreesOfFreedom),
            Alternative.Greater => StudentDistribution.UpperTail(-statistic, degreesOfFreedom),
            _ => StudentDistribution.TwoSidedTail(statistic, degreesOfFreedom),
        };
        if (isUniform && theta != 0.5) pValue = Math.Max(pValue, (_alternative == Alternative.TwoSided ? 2 : 1) * GetChanceOfSeparation(n, m));
        var signed = _alternative switch { Alternative.Less => theta - 0.5, Alternative.Greater => 0.5 - theta, _ => Math.Abs(theta - 0.5) };
        var interval = EffectIntervals.OfDominance(theta, pairs.Variance, n, m, options.ConfidenceLevel).Toward(_alternative, 0.5 - theta);
        return DriftDecision.Decide(
            this,
            new DriftMeasurement(Symbol, statistic, pValue, Math.Max(0, 2 * signed), 2 * error * StudentDistribution.UpperQuantile(significance, degreesOfFreedom), interval),
            n, m, options);
    }

    /// <summary>Gets how likely it is that all values of the one sample lie below all of the other, in this order, when labels are dealt at random.</summary>
    private static double GetChanceOfSeparation(double n, double m) => Math.Exp(Accurate.LogGamma(n + 1) + Accurate.LogGamma(m + 1) - Accurate.LogGamma(n + m + 1));
}
