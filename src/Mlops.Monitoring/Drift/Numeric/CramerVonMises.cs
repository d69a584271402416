using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Two-sample Cramér–von Mises test: the mean squared difference between the two cumulative distributions.</summary>
/// <remarks>
/// <para>Statistic T = U/(nmN) − (4nm − 1)/(6N) with U = n·Σ(rᵢ − i)² + m·Σ(sⱼ − j)² of the mid-ranks, N = n + m; dimensionless. The effect is √∫(F − G)² dH, 0..1: the root mean squared
/// difference of the cumulative distributions over the pooled sample H, in which a value counts half to itself. Infinities are ordered like other values. Thread-safe: stateless.</para>
/// <para>The p-value is exact up to 20 values on both sides without ties, but for samples of such sizes as 19 and 20 that hardly overlap, otherwise by the limiting law at T brought to its mean and variance. With ties T itself grows
/// without any difference (two samples of one and the same value have a large T), so the p-value is then taken from the effect, nm/N·∫(F − G)² dH, which is conservative.
/// The interval of the effect holds by the triangle inequality. Time O((n+m) log(n+m)).</para>
/// <para>On profiles whose sketches no longer keep every value, both rank errors are subtracted from the effect.</para>
/// <para>Source: T. W. Anderson, "On the distribution of the two-sample Cramér–von Mises criterion", Annals of Mathematical Statistics 33 (1962).</para>
/// </remarks>
public sealed class CramerVonMises : IProfileDriftTest, ISortedDriftTest
{
    private const int MaximumExactCount = 20;
    private const string Symbol = "T";

    private readonly PValueMethod _method;

    /// <summary>Creates the test.</summary>
    /// <param name="method">How the p-value is found; automatic is exact up to 20 values on both sides.</param>
    public CramerVonMises(PValueMethod method = PValueMethod.Automatic) => _method = method;

    /// <inheritdoc/>
    public string Name => "cramer-von-mises";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.06;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => Test(new SortedSample(reference), new SortedSample(current), options);

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, Compare, minimumCount: 2);

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, Compare);

    /// <summary>Gets the p-value of T by the limiting law, after bringing T to its mean and variance.</summary>
    internal static double GetAsymptoticPValue(double statistic, double n, double m) => CramerVonMisesDistribution.UpperTail(Standardize(statistic, n, m));

    private DriftResult Compare(SortedSample reference, SortedSample current, DriftTestOptions options)
    {
        int n = reference.Count, m = current.Count;
        var (rankSum, statistic, effect, hasTies) = Compare(reference.Values, current.Values);
        if (_method == PValueMethod.Exact && (hasTies || !CramerVonMisesDistribution.IsCountable(rankSum, n, m)))
            return DriftDecision.NotComputable(this, n, m, "An exact p-value needs few values without ties; the asymptotic one exists.");
        var isExact = !hasTies && (_method == PValueMethod.Exact || (_method == PValueMethod.Automatic && Math.Max(n, m) <= MaximumExactCount && CramerVonMisesDistribution.IsSoonCounted(rankSum, n, m)));
        var pValue = isExact
            ? CramerVonMisesDistribution.ExactUpperTail(rankSum, n, m)
            : GetAsymptoticPValue(hasTies ? effect * effect * n * m / ((double)n + m) : statistic, n, m);
        return Decide(statistic, pValue, effect, 0, n, m, options);
    }

    private DriftResult Compare(KllSketch reference, KllSketch current, DriftTestOptions options)
    {
        double n = reference.Count, m = current.Count;
        double square = 0;
        foreach (var (below, at, belowCurrent, atCurrent) in SketchedSample.GetSteps(reference, current))
        {
            var difference = (below / n) + (at / n / 2) - (belowCurrent / m) - (atCurrent / m / 2);
            square += difference * difference * (at + atCurrent) / (n + m);
        }

        var error = reference.NormalizedRankError + current.NormalizedRankError;
        var effect = Math.Max(0, Math.Sqrt(square) - error);
        return Decide(square * n * m / (n + m), GetAsymptoticPValue(effect * effect * n * m / (n + m), n, m), effect, error, n, m, options);
    }

    private static double Standardize(double statistic, double n, double m)
    {
        var total = n + m;
        var mean = (1 + (1 / total)) / 6;
        var variance = (total + 1) * ((4 * n * m * total) - (3 * ((n * n) + (m * m))) - (2 * n * m)) / (180 * total * total * n * m);
        return (1.0 / 6) + ((statistic - mean) / Math.Sqrt(45 * variance));
    }

    private DriftResult Decide(double statistic, double pValue, double effect, double error, double n, double m, DriftTestOptions options)
    {
        var scale = Math.Sqrt(n * m / (n + m));
        var critical = Math.Sqrt(CramerVonMisesDistribution.UpperQuantile(options.Significance)) / scale;
        var margin = error + (Math.Sqrt(CramerVonMisesDistribution.UpperQuantile(1 - options.ConfidenceLevel)) / scale);
        return DriftDecision.Decide(
            this, new DriftMeasurement(Symbol, statistic, pValue, effect, critical, EffectIntervals.Around(effect, margin, options.ConfidenceLevel, 1)), (long)n, (long)m, options);
    }

    /// <summary>Gets U and T, in whole numbers up to the last rounding, and the root mean squared difference.</summary>
    private static (double RankSum, double Statistic, double Effect, bool HasTies) Compare(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Int128 sumX = 0, sumY = 0;
        double square = 0, n = x.Length, m = y.Length;
        var hasTies = false;
        var steps = new PooledSteps(x, y);
        while (steps.MoveNext())
        {
            var (a, b) = (steps.At, steps.AtCurrent);
            // Twice the mid-rank, so that all is whole.
            var rank = (2 * ((long)steps.Below + steps.BelowCurrent)) + a + b + 1;
            sumX += SumSquares(rank - (2L * steps.Below), a);
            sumY += SumSquares(rank - (2L * steps.BelowCurrent), b);
            hasTies |= a + b > 1;
            var difference = ((steps.Below + (a / 2.0)) / n) - ((steps.BelowCurrent + (b / 2.0)) / m);
            square += difference * difference * (a + b);
        }

        var rankSum = (sumX * x.Length) + (sumY * y.Length);
        // What U exceeds nm(4nm − 1)/6 by, which is far smaller than both: subtracted while it is whole.
        var product = (Int128)x.Length * y.Length;
        var excess = (double)((6 * rankSum) - (4 * product * ((4 * product) - 1))) / 24;
        return ((double)rankSum / 4, excess / (n * m * (n + m)), Math.Sqrt(square / (n + m)), hasTies);
    }

    /// <summary>Gets Σ (c − 2k)² for k = 1..count.</summary>
    private static Int128 SumSquares(long c, long count)
        => ((Int128)count * c * c) - ((Int128)2 * c * count * (count + 1)) + ((Int128)2 * count * (count + 1) * ((2 * count) + 1) / 3);
}
