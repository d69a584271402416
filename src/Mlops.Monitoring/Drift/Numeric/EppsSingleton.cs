using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Epps–Singleton test: whether the characteristic functions differ, which also shows in discrete data.</summary>
/// <remarks>
/// <para>Statistic W = N·g′Σ⁺g, where g is the difference of the mean cosines and sines at 0.4 and 0.8 over half the pooled interquartile range and Σ their covariance N/n·S₁ + N/m·S₂;
/// below 25 values on both sides times the authors' small-sample factor. P-value by χ² with as many degrees of freedom as Σ has ranks where both sides have more than 1,000 values. That law holds for many values only
/// (of 30 values against 10,000, 48 % alarm at 5 %), so below that the p-value and the threshold are those of shuffled labels.
/// The effect is √(W·(1/n + 1/m)) without that factor: the distance of the characteristic functions in units of their deviations, about what a shift is in units of the standard deviation.</para>
/// <para>The interval of the effect inverts the noncentral χ², widened by what is uncertain of the covariance. Needs 5 values on both sides. Not computable with infinite values, or when half of all values are equal.
/// Thread-safe: stateless. Time O((n+m) log(n+m)), and O(min(n, m)·2,000) where labels are shuffled.</para>
/// <para>Source: T. W. Epps and K. J. Singleton, "An omnibus test for the two-sample problem using the empirical characteristic function", Journal of Statistical Computation and Simulation 26 (1986).</para>
/// </remarks>
public sealed class EppsSingleton : ISortedDriftTest
{
    private const int SmallCount = 25;
    private const int MinimumCount = 5;
    private const string Symbol = "W";

    /// <summary>The number of values of the smaller sample up to which labels are shuffled.</summary>
    private const int MaximumShuffledCount = 1000;

    private readonly PValueMethod _method;
    private readonly ulong _seed;

    /// <summary>Creates the test.</summary>
    /// <param name="method">How the p-value is found; automatic is by shuffled labels up to 1,000 values of the smaller sample. There is no exact one, so that it is by shuffles whatever the count.</param>
    /// <param name="seed">The seed of the shuffles.</param>
    public EppsSingleton(PValueMethod method = PValueMethod.Automatic, ulong seed = 0) => (_method, _seed) = (method, seed);

    /// <inheritdoc/>
    public string Name => "epps-singleton";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.2;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => Test(new SortedSample(reference), new SortedSample(current), options);

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, Compare, MinimumCount, isOfDistances: true);

    private DriftResult Compare(SortedSample reference, SortedSample current, DriftTestOptions options)
    {
        int n = reference.Count, m = current.Count;
        // By the quartiles, so that one value of extreme size does not make the others vanish.
        var exponent = SafeScale.GetExponent([OrderTests.GetPooledQuantile(reference.Values, current.Values, 0.25), OrderTests.GetPooledQuantile(reference.Values, current.Values, 0.75)], []);
        double[] x = SafeScale.Multiply(reference.Values, exponent), y = SafeScale.Multiply(current.Values, exponent);
        var scale = (OrderTests.GetPooledQuantile(x, y, 0.75) - OrderTests.GetPooledQuantile(x, y, 0.25)) / 2;
        // The median is taken off first, which changes nothing but the rounding of the angles.
        var middle = OrderTests.GetPooledQuantile(x, y, 0.5);
        if (!(scale > 0) || !double.IsFinite(1 / scale))
            return DriftDecision.NotComputable(this, n, m, "Half of all values are equal, so that there is no scale; the Kolmogorov–Smirnov test needs none.");
        double total = (double)n + m;
        CharacteristicMoments momentsX = CharacteristicMoments.Of(x, middle, scale), momentsY = CharacteristicMoments.Of(y, middle, scale);
        var (form, rank) = CharacteristicMoments.Compare(momentsX, momentsY);
        if (rank == 0) return DriftDecision.NotComputable(this, n, m, "Neither sample varies; the Kolmogorov–Smirnov test needs no variation.");
        var raw = total * form;
        var factor = Math.Max(n, m) < SmallCount ? 1 + Math.Pow(total, -0.45) + (10.1 * (Math.Pow(n, -1.7) + Math.Pow(m, -1.7))) : 1;
        var statistic = raw / factor;
        var perValue = total / ((double)n * m);
        var (pValue, criticalForm) = _method == PValueMethod.Asymptotic || (_method == PValueMethod.Automatic && Math.Min(n, m) > MaximumShuffledCount)
            ? (ChiSquaredDistribution.UpperTail(statistic, rank), factor / total * ChiSquaredDistribution.UpperQuantile(options.Significance, rank))
            : CharacteristicShuffles.Test(x, y, middle, scale, form, options.Significance, _seed);
        var critical = Math.Sqrt(total * criticalForm * perValue);
        var (lower, upper) = NoncentralChiSquaredDistribution.GetInterval(statistic, rank, options.ConfidenceLevel);
        // What is uncertain of the covariance, which counts for large effects.
        var effect = Math.Sqrt(raw * perValue);
        var ofCovariance = EffectIntervals.GetQuantile(options.ConfidenceLevel) * effect * Math.Sqrt(perValue / 2);
        var below = effect - Math.Sqrt(lower * perValue);
        var above = Math.Sqrt(upper * perValue) - effect;
        var interval = new ConfidenceInterval(
            lower == 0 ? 0 : Math.Max(0, effect - Math.Sqrt((below * below) + (ofCovariance * ofCovariance))),
            // The factor for few values takes the statistic below its own effect.
            effect + Math.Sqrt((Math.Max(0, above) * Math.Max(0, above)) + (ofCovariance * ofCovariance)), options.ConfidenceLevel);
        return DriftDecision.Decide(this, new DriftMeasurement(Symbol, statistic, pValue, effect, critical, interval), n, m, options);
    }
}
