using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Population stability index: the symmetric divergence of the shares of bins or categories.</summary>
/// <remarks>
/// <para>Statistic PSI = Σ (q − p) ln(q/p) over the bins, with the shares p of the reference and q of the current data, ≥ 0, in nats; the effect is the PSI. Bins of numbers are
/// [lower, upper), the outermost unbounded; their edges come from the reference alone. Thread-safe: stateless.</para>
/// <para>A bin or category that is empty on one side counts as half a value there, unless a fixed share is given; one that is empty on both sides does not count; a new category is one that is
/// empty in the reference. The shares are not scaled to a sum of 1 afterwards. A reference with one value has no bins: not computable.</para>
/// <para>Without drift, PSI·nm/(n+m) follows roughly a chi-squared law with one degree of freedom less than there are bins, so a fixed limit would mean
/// something else for every number of values: the threshold is the larger of that law's quantile times (1/n + 1/m) and the minimum effect. Where a bin is expected less than 200 times,
/// rows are dealt to the two samples at random instead, from a fixed seed. On profiles whose sketches no longer keep every value, the sketches' own error is added to 1/n + 1/m
/// and its mean is taken off the effect; bins that hold less than the sketches can tell are joined with their neighbours.</para>
/// <para>The interval of the effect is the wider of that by the noncentral chi-squared law and that by the derivatives. Time O(n + m), plus O(n log n) where the rule for the bins needs the
/// reference sorted.</para>
/// <para>Source: H. Jeffreys (1946), S. Kullback (1959) for the divergence; B. Yurdakul, "Statistical properties of population stability index" (2018) for the law.</para>
/// </remarks>
/// <example><code>var result = new PopulationStabilityIndex(Binning.At(18, 30, 45, 60)).Test(trainingAges, liveAges);</code></example>
public sealed class PopulationStabilityIndex : IProfileDriftTest, ISampleDriftTest, ICategoryDriftTest
{
    private readonly BinnedComparison _comparison;

    /// <summary>Creates the test.</summary>
    /// <param name="binning">The rule for the bins of numbers; ten quantiles when <see langword="null"/>.</param>
    /// <param name="emptyBinRatio">The share, 0..1, that an empty bin counts as; <see langword="null"/> for half a value.</param>
    public PopulationStabilityIndex(Binning? binning = null, double? emptyBinRatio = null)
        => _comparison = new BinnedComparison(this, "PSI", new Divergence(EmptyBins.Check(emptyBinRatio)), 1, false, binning ?? EmptyBins.DefaultBinning);

    /// <inheritdoc/>
    public string Name => "population-stability-index";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.04;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    private sealed class Divergence(double? emptyBinRatio) : BinnedDivergence
    {
        public override double Factor => 1;

        public override double Get(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double n, double m, Span<double> byReference, Span<double> byCurrent)
        {
            double sum = 0;
            for (var i = 0; i < reference.Length; i++)
            {
                if (reference[i] == 0 && current[i] == 0) continue;
                double p = EmptyBins.GetShare(reference[i], n, emptyBinRatio), q = EmptyBins.GetShare(current[i], m, emptyBinRatio), log = Math.Log(q / p);
                sum += (q - p) * log;
                if (byReference.IsEmpty) continue;
                byReference[i] = 1 - (q / p) - log;
                byCurrent[i] = 1 - (p / q) + log;
            }

            return sum;
        }
    }
}
