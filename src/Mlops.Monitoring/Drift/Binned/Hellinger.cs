using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Hellinger distance of the shares of bins or categories.</summary>
/// <remarks>
/// <para>Statistic H = √(½ Σ (√p − √q)²) = √(1 − Σ √(pq)), 0..1; the effect is H. Empty bins and new categories need no replacement. Thread-safe: stateless.</para>
/// <para>Without drift, H² is about ⅛(1/n + 1/m) times a chi-squared value with one degree of freedom less than there are bins: the threshold is the larger of the root of that law's quantile
/// and the minimum effect. Small expected counts, sketches and intervals are treated as by <see cref="PopulationStabilityIndex"/>.</para>
/// <para>Source: E. Hellinger (1909); R. Beran, "Minimum Hellinger distance estimates" (1977) for the law.</para>
/// </remarks>
public sealed class Hellinger : IProfileDriftTest, ISampleDriftTest, ICategoryDriftTest
{
    private readonly BinnedComparison _comparison;

    /// <summary>Creates the test.</summary>
    /// <param name="binning">The rule for the bins of numbers; ten quantiles when <see langword="null"/>.</param>
    public Hellinger(Binning? binning = null) => _comparison = new BinnedComparison(this, "H", new Divergence(), 1, true, binning ?? EmptyBins.DefaultBinning);

    /// <inheritdoc/>
    public string Name => "hellinger";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.07;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    private sealed class Divergence : BinnedDivergence
    {
        public override double Factor => 1.0 / 8;

        public override double Maximum => 1;

        public override double Get(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double n, double m, Span<double> byReference, Span<double> byCurrent)
        {
            double sum = 0;
            for (var i = 0; i < reference.Length; i++)
            {
                double p = reference[i] / n, q = current[i] / m, difference = Math.Sqrt(p) - Math.Sqrt(q);
                sum += difference * difference;
                if (byReference.IsEmpty) continue;
                byReference[i] = p > 0 ? (1 - Math.Sqrt(q / p)) / 2 : 0;
                byCurrent[i] = q > 0 ? (1 - Math.Sqrt(p / q)) / 2 : 0;
            }

            return Math.Min(sum / 2, Maximum);
        }
    }
}
