using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Mann–Whitney U test (Wilcoxon's rank sum test): whether values of one sample tend to be larger than those of the other.</summary>
/// <remarks>
/// <para>Statistic U = the number of pairs in which the reference value is larger, ties counting half, 0..nm. The effect is |2·U/(nm) − 1|, 0..1: Cliff's delta,
/// 2·AUC − 1 of telling the samples apart by the value. Changes of spread alone do not show. Infinities are ordered like other values. Thread-safe: stateless.</para>
/// <para>The p-value is exact when one sample has at most 8 values and there are no ties; otherwise by the normal law with correction for ties and, unless switched off, for continuity.
/// Its interval is Wilson's with the variance of E. R. DeLong et al. (1988). Time O((n+m) log(n+m)).</para>
/// <para>On profiles whose sketches no longer keep every value, both rank errors are subtracted from the distance of U/(nm) to a half.</para>
/// <para>Source: H. B. Mann and D. R. Whitney (1947); F. Wilcoxon (1945).</para>
/// </remarks>
public sealed class MannWhitney : IProfileDriftTest, ISortedDriftTest, IDirectedDriftTest
{
    private const int MaximumExactCount = 8;
    private const string Symbol = "U";

    private readonly Alternative _alternative;
    private readonly PValueMethod _method;
    private readonly double _continuity;

    /// <summary>Creates the test.</summary>
    /// <param name="alternative">Which differences count.</param>
    /// <param name="method">How the p-value is found; automatic is exact when one sample has at most 8 values and there are no ties.</param>
    /// <param name="useContinuity">Whether the asymptotic p-value allows for U being a whole number.</param>
    public MannWhitney(Alternative alternative = Alternative.TwoSided, PValueMethod method = PValueMethod.Automatic, bool useContinuity = true)
    {
        _alternative = alternative;
        _method = method;
        _continuity = useContinuity ? 0.5 : 0;
    }

    /// <inheritdoc/>
    public string Name => "mann-whitney";

    Alternative IDirectedDriftTest.Alternative => _alternative;

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.11;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => Test(new SortedSample(reference), new SortedSample(current), options);

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, Compare);

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, (expected, actual, options) =>
            Decide(PairComparison.From(expected, actual), isExact: false, expected.NormalizedRankError + actual.NormalizedRankError, options));

    private DriftResult Compare(SortedSample reference, SortedSample current, DriftTestOptions options)
    {
        int n = reference.Count, m = current.Count;
        var pairs = PairComparison.From(reference.Values, current.Values);
        var hasTies = pairs.TieTerm > 0;
        if (_method == PValueMethod.Exact && (hasTies || !MannWhitneyDistribution.IsCountable(n, m)))
            return DriftDecision.NotComputable(this, n, m, "An exact p-value needs few values without ties; the asymptotic one exists.");
        var isExact = _method == PValueMethod.Exact
            || (_method == PValueMethod.Automatic && !hasTies && Math.Min(n, m) <= MaximumExactCount && MannWhitneyDistribution.IsCountable(n, m));
        return Decide(pairs, isExact, 0, options);
    }

    private DriftResult Decide(in PairComparison pairs, bool isExact, double error, DriftTestOptions options)
    {
        double n = pairs.ReferenceCount, m = pairs.CurrentCount, product = n * m, total = n + m;
        // Half as many pairs as are closer to a half than the sketches' error are no difference.
        var u = pairs.ReferenceWins;
        var lessened = (product / 2) + (Math.Sign(u - (product / 2)) * Math.Max(0, Math.Abs(u - (product / 2)) - (error * product)));
        var tested = _alternative switch
        {
            Alternative.Greater => lessened,
            Alternative.Less => product - lessened,
            _ => Math.Max(lessened, product - lessened),
        };
        var deviation = Math.Sqrt(Math.Max(0, product / 12 * (total + 1 - (pairs.TieTerm / (total * (total - 1))))));
        var tail = isExact ? MannWhitneyDistribution.UpperTail((long)tested, (int)n, (int)m) : GetAsymptoticTail(tested - (product / 2), deviation);
        var pValue = Math.Min(1, _alternative == Alternative.TwoSided ? 2 * tail : tail);
        var effect = Math.Max(0, (2 * tested / product) - 1);
        var significance = _alternative == Alternative.TwoSided ? options.Significance / 2 : options.Significance;
        var critical = isExact ? GetExactCritical(significance, (int)n, (int)m) : 2 * ((NormalDistribution.UpperQuantile(significance) * deviation) + _continuity) / product;
        var interval = EffectIntervals.OfDominance(pairs.ReferenceWins / product, pairs.Variance, n, m, options.ConfidenceLevel);
        return DriftDecision.Decide(
            this,
            new DriftMeasurement(Symbol, u, pValue, effect, critical, EffectIntervals.Widen(interval, 2 * error, 1).Toward(_alternative, pairs.ReferenceWins - (product / 2))),
            pairs.ReferenceCount, pairs.CurrentCount, options);
    }

    /// <summary>Finds the effect from which on the exact p-value is at most the significance; not where one such p-value takes long.</summary>
    private static double? GetExactCritical(double significance, int n, int m)
    {
        if (Math.Min(n, m) > MaximumExactCount) return null;
        long low = 0, high = ((long)n * m) + 1;
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (MannWhitneyDistribution.UpperTail(middle, n, m) <= significance) high = middle;
            else low = middle;
        }

        return high > (long)n * m ? double.PositiveInfinity : (2.0 * high / n / m) - 1;
    }

    private double GetAsymptoticTail(double excess, double deviation) => deviation == 0 ? 1 : NormalDistribution.UpperTail((excess - _continuity) / deviation);
}
