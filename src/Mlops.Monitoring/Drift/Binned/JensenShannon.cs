using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Jensen–Shannon distance or divergence of the shares of bins or categories.</summary>
/// <remarks>
/// <para>Divergence JS = ½ Σ p log(2p/(p+q)) + ½ Σ q log(2q/(p+q)), 0..1 in bits, 0..0.693 in nats; the distance is its square root, 0..1 or 0..0.833. The statistic and the effect are in the form and
/// base that were asked for. The same limit of 0.1 means three things in common tools: Evidently has the distance in nats, NannyML the distance in bits, TensorFlow Data Validation the divergence in
/// bits. Thread-safe: stateless.</para>
/// <para>Empty bins and new categories need no replacement: a share of 0 adds nothing.</para>
/// <para>Without drift, the divergence in nats is about ⅛(1/n + 1/m) times a chi-squared value with one degree of freedom less than there are bins: the threshold is the larger of that law's
/// quantile, in the form asked for, and the minimum effect. Small expected counts, sketches and intervals are treated as by <see cref="PopulationStabilityIndex"/>.</para>
/// <para>Source: J. Lin, "Divergence measures based on the Shannon entropy" (1991); D. M. Endres, J. E. Schindelin, "A new metric for probability distributions" (2003).</para>
/// </remarks>
public sealed class JensenShannon : IProfileDriftTest, ISampleDriftTest, ICategoryDriftTest
{
    private readonly BinnedComparison _comparison;
    private readonly JensenShannonForm _form;
    private readonly LogarithmBase _logarithmBase;

    /// <summary>Creates the test.</summary>
    /// <param name="binning">The rule for the bins of numbers; ten quantiles when <see langword="null"/>.</param>
    /// <param name="form">The distance or the divergence.</param>
    /// <param name="logarithmBase">The base of the logarithm.</param>
    public JensenShannon(Binning? binning = null, JensenShannonForm form = JensenShannonForm.Distance, LogarithmBase logarithmBase = LogarithmBase.Two)
    {
        if (!Enum.IsDefined(form)) throw new ArgumentOutOfRangeException(nameof(form), form, "The form is unknown.");
        if (!Enum.IsDefined(logarithmBase)) throw new ArgumentOutOfRangeException(nameof(logarithmBase), logarithmBase, "The base is unknown.");
        (_form, _logarithmBase) = (form, logarithmBase);
        var symbol = $"JS {(form == JensenShannonForm.Distance ? "distance" : "divergence")}, base {(logarithmBase == LogarithmBase.Two ? "2" : "e")},";
        _comparison = new BinnedComparison(
            this, symbol, new Divergence(), logarithmBase == LogarithmBase.Two ? 1 / Math.Log(2) : 1, form == JensenShannonForm.Distance, binning ?? EmptyBins.DefaultBinning);
    }

    /// <inheritdoc/>
    public string Name => _form == JensenShannonForm.Distance ? "jensen-shannon-distance" : "jensen-shannon-divergence";

    /// <inheritdoc/>
    public double DefaultMinimumEffect
    {
        get
        {
            var distance = _logarithmBase == LogarithmBase.Two ? 0.085 : 0.07;
            return _form == JensenShannonForm.Distance ? distance : distance * distance;
        }
    }

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null) => _comparison.Test(reference, current, options);

    /// <summary>Gets what a bin with the shares p and q adds, in nats.</summary>
    internal static double GetTerm(double p, double q)
    {
        if (p + q == 0) return 0;
        // With t = (p − q)/(p + q) it is (p + q)/4·((1 + t) ln(1 + t) + (1 − t) ln(1 − t)): no digits are lost where shares are close.
        var t = (p - q) / (p + q);
        var square = t * t;
        var bracket = Math.Abs(t) < 0.02
            ? square * (1 + (square * ((1.0 / 6) + (square * ((1.0 / 15) + (square / 28))))))
            : GetLogProduct(1 + t) + GetLogProduct(1 - t);
        return (p + q) / 4 * bracket;
    }

    private static double GetLogProduct(double x) => x > 0 ? x * Math.Log(x) : 0;

    private sealed class Divergence : BinnedDivergence
    {
        public override double Factor => 1.0 / 8;

        public override double Maximum => Math.Log(2);

        public override double Get(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double n, double m, Span<double> byReference, Span<double> byCurrent)
        {
            double sum = 0;
            for (var i = 0; i < reference.Length; i++)
            {
                double p = reference[i] / n, q = current[i] / m;
                sum += GetTerm(p, q);
                if (byReference.IsEmpty) continue;
                byReference[i] = p > 0 ? Math.Log(2 * p / (p + q)) / 2 : 0;
                byCurrent[i] = q > 0 ? Math.Log(2 * q / (p + q)) / 2 : 0;
            }

            return Math.Min(sum, Maximum);
        }
    }
}
