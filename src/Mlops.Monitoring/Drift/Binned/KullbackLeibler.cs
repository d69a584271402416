using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Kullback–Leibler divergence, or relative entropy, of the shares of bins or categories.</summary>
/// <remarks>
/// <para>Statistic KL = Σ q ln(q/p) with the shares p of the reference and q of the current data, or the other way round, ≥ 0, in nats; the effect is KL. Thread-safe: stateless.</para>
/// <para>A bin or category that is empty on one side counts as half a value there, unless a fixed share is given, for otherwise the divergence is infinite; one that is empty on both sides does
/// not count. The shares are scaled to a sum of 1 afterwards, so that KL is not negative.</para>
/// <para>Without drift, KL is about ½(1/n + 1/m) times a chi-squared value with one degree of freedom less than there are bins: the threshold is the larger of that law's quantile and the
/// minimum effect. Small expected counts, sketches and intervals are treated as by <see cref="PopulationStabilityIndex"/>.</para>
/// <para>Source: S. Kullback, R. A. Leibler, "On information and sufficiency" (1951).</para>
/// </remarks>
public sealed class KullbackLeibler : IProfileDriftTest, ISampleDriftTest, ICategoryDriftTest
{
    private readonly BinnedComparison _comparison;

    /// <summary>Creates the test.</summary>
    /// <param name="binning">The rule for the bins of numbers; ten quantiles when <see langword="null"/>.</param>
    /// <param name="emptyBinRatio">The share, 0..1, that an empty bin counts as; <see langword="null"/> for half a value.</param>
    /// <param name="direction">From which sample the other is looked at.</param>
    public KullbackLeibler(Binning? binning = null, double? emptyBinRatio = null, KullbackLeiblerDirection direction = KullbackLeiblerDirection.CurrentByReference)
    {
        if (!Enum.IsDefined(direction)) throw new ArgumentOutOfRangeException(nameof(direction), direction, "The direction is unknown.");
        _comparison = new BinnedComparison(this, "KL", new Divergence(EmptyBins.Check(emptyBinRatio), direction == KullbackLeiblerDirection.ReferenceByCurrent), 1, false, binning ?? EmptyBins.DefaultBinning);
    }

    /// <inheritdoc/>
    public string Name => "kullback-leibler";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.02;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    private sealed class Divergence(double? emptyBinRatio, bool isReversed) : BinnedDivergence
    {
        public override double Factor => 0.5;

        public override double Get(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double n, double m, Span<double> byReference, Span<double> byCurrent)
            => isReversed ? Compute(current, reference, m, n, byCurrent, byReference) : Compute(reference, current, n, m, byReference, byCurrent);

        /// <summary>Computes Σ q ln(q/p).</summary>
        private double Compute(ReadOnlySpan<long> first, ReadOnlySpan<long> second, double n, double m, Span<double> byFirst, Span<double> bySecond)
        {
            double firstTotal = 0, secondTotal = 0;
            for (var i = 0; i < first.Length; i++)
            {
                if (first[i] == 0 && second[i] == 0) continue;
                firstTotal += EmptyBins.GetShare(first[i], n, emptyBinRatio);
                secondTotal += EmptyBins.GetShare(second[i], m, emptyBinRatio);
            }

            double sum = 0;
            for (var i = 0; i < first.Length; i++)
            {
                if (first[i] == 0 && second[i] == 0) continue;
                double p = EmptyBins.GetShare(first[i], n, emptyBinRatio) / firstTotal, q = EmptyBins.GetShare(second[i], m, emptyBinRatio) / secondTotal, log = Math.Log(q / p);
                // The differences add up to 0, so each may be taken off; no digits are lost then where shares are close.
                sum += (q * log) - (q - p);
                if (byFirst.IsEmpty) continue;
                byFirst[i] = -q / p;
                bySecond[i] = log + 1;
            }

            return sum;
        }
    }
}
