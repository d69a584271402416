namespace Mlops.Monitoring;

/// <summary>Two-sample Anderson–Darling test: the squared difference between the two cumulative distributions, weighted so that the tails count as much as the middle.</summary>
/// <remarks>
/// <para>Statistic (A² − 1)/σ, where A² = nm/N·∫(F − G)²/(H(1 − H)) dH by mid-ranks, H the pooled sample, and σ² the variance of A² for so many values; dimensionless, about 0 ± 1 without drift.
/// The effect is √(A²·N/(nm)), 0 to about 1.3. Infinities are ordered like other values. Thread-safe: stateless.</para>
/// <para>The p-value comes from the limiting law of A² at 1 + σ∞·statistic, to full accuracy for any statistic: the usual table of critical values ends at 0.001 and 0.25.
/// That law is of values without ties. Where two values in five hundred, or more, are equal, A² spreads more, and the p-value, the threshold and the interval are those of shuffled labels given the ties:
/// 2,000 shuffles, below 1 % a Gaussian tail, in at most about 50 ms whatever the sizes.
/// The interval of the effect holds by the triangle inequality. Not computable when all values are equal. Time O((n+m) log(n+m)).</para>
/// <para>Source: F. W. Scholz and M. A. Stephens, "K-sample Anderson–Darling tests", JASA 82 (1987); T. W. Anderson and D. A. Darling (1952) for the law.</para>
/// </remarks>
public sealed class AndersonDarling : ISortedDriftTest
{
    private const string Symbol = "A";

    private readonly int _seed;

    /// <summary>Creates the test.</summary>
    /// <param name="seed">The seed of the shuffles, which are made where values are equal.</param>
    public AndersonDarling(int seed = 0) => _seed = seed;

    /// <inheritdoc/>
    public string Name => "anderson-darling";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.13;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => Test(new SortedSample(reference), new SortedSample(current), options);

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, Compare);

    /// <summary>Gets (A² − 1)/σ, by mid-ranks or by right-continuous distributions.</summary>
    internal static double GetStatistic(double[] x, double[] y, bool isMidrank) => (GetSquare(x, y, isMidrank) - 1) / Math.Sqrt(GetVariance(x.Length, y.Length));

    private DriftResult Compare(SortedSample reference, SortedSample current, DriftTestOptions options)
    {
        int n = reference.Count, m = current.Count;
        if (n + (long)m < 4) return DriftDecision.FindShortage(this, n, m, options, 4)!;
        if (OrderTests.GetPooled(reference.Values, current.Values, 0) == OrderTests.GetPooled(reference.Values, current.Values, (long)n + m - 1))
            return DriftDecision.NotComputable(this, n, m, "All values are equal, so that there is nothing to compare.");
        var square = GetSquare(reference.Values, current.Values, isMidrank: true);
        var deviation = Math.Sqrt(GetVariance(n, m));
        var statistic = (square - 1) / deviation;
        var perValue = ((double)n + m) / ((double)n * m);
        var effect = Math.Sqrt(square * perValue);
        var law = TiedValues.Find(reference.Values, current.Values)?.Simulate((ulong)_seed);
        var critical = GetRoot(options.Significance) * Math.Sqrt(perValue);
        var margin = GetRoot(1 - options.ConfidenceLevel) * Math.Sqrt(perValue);
        var pValue = law?.UpperTail(Math.Sqrt(square)) ?? AndersonDarlingDistribution.UpperTail(1 + (statistic * Math.Sqrt(AndersonDarlingDistribution.Variance)));
        return DriftDecision.Decide(
            this, new DriftMeasurement(Symbol, statistic, pValue, effect, critical, EffectIntervals.Around(effect, margin, options.ConfidenceLevel)), n, m, options);

        // The root of A² that is exceeded without drift.
        double GetRoot(double probability) => law?.UpperQuantile(probability) ?? Math.Sqrt(AndersonDarlingDistribution.UpperQuantile(probability));
    }

    private static double GetSquare(double[] x, double[] y, bool isMidrank)
    {
        double n = x.Length, m = y.Length, total = n + m, sum = 0;
        var steps = new PooledSteps(x, y);
        while (steps.MoveNext())
        {
            double at = (double)steps.At + steps.AtCurrent, share = isMidrank ? 0.5 : 1;
            var below = (double)steps.Below + steps.BelowCurrent + (at * share);
            if (!isMidrank && below == total) break;
            var difference = (total * (steps.Below + (steps.At * share))) - (below * n);
            sum += at / total * difference * difference / ((below * (total - below)) - (isMidrank ? total * at / 4 : 0));
        }

        return sum * ((1 / n) + (1 / m)) * (isMidrank ? (total - 1) / total : 1);
    }

    /// <summary>Gets the variance of A² for so many values.</summary>
    private static double GetVariance(double n, double m)
    {
        const double Samples = 2;
        var total = n + m;
        double inverses = (1 / n) + (1 / m), harmonic = 1, g = 0, sum = 0;
        // g = Σ Σ 1/((N − i)·j) over 1 ≤ i ≤ N − 2, i < j < N.
        for (var i = 1.0; i <= total - 2; i++)
        {
            sum += 1 / (total - i);
            g += sum / (i + 1);
        }

        harmonic += sum;
        var a = (((4 * g) - 6) * (Samples - 1)) + ((10 - (6 * g)) * inverses);
        var b = (((2 * g) - 4) * Samples * Samples) + (8 * harmonic * Samples) + (((2 * g) - (14 * harmonic) - 4) * inverses) - (8 * harmonic) + (4 * g) - 6;
        var c = (((6 * harmonic) + (2 * g) - 2) * Samples * Samples) + (((4 * harmonic) - (4 * g) + 6) * Samples) + (((2 * harmonic) - 6) * inverses) + (4 * harmonic);
        var d = (((2 * harmonic) + 6) * Samples * Samples) - (4 * harmonic * Samples);
        return ((((((a * total) + b) * total) + c) * total) + d) / ((total - 1) * (total - 2) * (total - 3));
    }
}
