using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Two-sample Kolmogorov–Smirnov test: the largest difference between the two cumulative distributions.</summary>
/// <remarks>
/// <para>Statistic D = supₓ |F(x) − G(x)|, 0..1, dimensionless, with F the reference; one-sided, supₓ (G − F) for <see cref="Alternative.Less"/> and supₓ (F − G) for
/// <see cref="Alternative.Greater"/>. The effect is D. Infinities are ordered like other values. Thread-safe: stateless.</para>
/// <para>On samples, D is exact; the p-value is exact (without ties; conservative with them) up to 10,000 values on both sides, beyond that by the law for one sample of nm/(n+m) values,
/// one-sided by Hodges' approximation. Where an exact one is asked for and nm is above 10⁹, it is asymptotic too, and the reason says so. Time O(n+m) for D, which is found without sorting; plus O(D·n·m) for the exact p-value. The interval of the effect holds by the triangle
/// inequality: the empirical difference is nowhere farther from the true one than the limiting law allows.</para>
/// <para>On profiles whose sketches no longer keep every value, both rank errors are subtracted from D before the p-value and the effect are taken,
/// because a sketch of a million values is coarser than the critical D of so many values. The statistic is D as observed.</para>
/// <para>Source: N. V. Smirnov (1948); J. L. Hodges (1958); R. Simard and P. L'Ecuyer (2011).</para>
/// </remarks>
/// <example><code>var result = new KolmogorovSmirnov().Test(training, live); // result.Verdict, result.Effect</code></example>
public sealed class KolmogorovSmirnov : IProfileDriftTest, ISortedDriftTest, IDirectedDriftTest
{
    private const int MaximumExactCount = 10_000;
    private const int SortedLength = 4096;

    /// <summary>The product of the counts up to which an exact p-value is found, in a second or two at most.</summary>
    private const double MaximumExactProduct = 1e9;
    private const string Symbol = "D";

    private readonly Alternative _alternative;
    private readonly PValueMethod _method;

    /// <summary>Creates the test.</summary>
    /// <param name="alternative">Which differences count.</param>
    /// <param name="method">How the p-value is found; automatic is exact up to 10,000 values on both sides, and an exact one is asymptotic where the product of the counts is above 10⁹.</param>
    public KolmogorovSmirnov(Alternative alternative = Alternative.TwoSided, PValueMethod method = PValueMethod.Automatic)
    {
        _alternative = alternative;
        _method = method;
    }

    /// <inheritdoc/>
    public string Name => "kolmogorov-smirnov";

    Alternative IDirectedDriftTest.Alternative => _alternative;

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.08;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
    {
        if (reference.Length + (long)current.Length <= SortedLength) return Test(new SortedSample(reference), new SortedSample(current), options);
        if (System.Numerics.Tensors.TensorPrimitives.IsNaNAny(reference)) reference = SortedSample.GetPresent(reference);
        if (System.Numerics.Tensors.TensorPrimitives.IsNaNAny(current)) current = SortedSample.GetPresent(current);
        options = (options ?? DriftTestOptions.Default).Validate();
        return DriftDecision.FindShortage(this, reference.Length, current.Length, options)
            ?? Decide(KolmogorovDistance.GetNumerator(reference, current, _alternative), reference.Length, current.Length, options);
    }

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, (x, y, options) =>
            Decide(KolmogorovDistance.GetNumeratorOfSorted(x.Values, y.Values, _alternative), x.Count, y.Count, options));

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, Compare);

    private DriftResult Compare(KllSketch reference, KllSketch current, DriftTestOptions options)
    {
        var distance = GetDistance(reference, current);
        var error = reference.NormalizedRankError + current.NormalizedRankError;
        var effect = Math.Max(0, distance - error);
        double n = reference.Count, m = current.Count;
        var scale = GetScale(n, m);
        var pValue = _alternative == Alternative.TwoSided ? KolmogorovDistribution.UpperTail(scale * effect) : KolmogorovDistribution.OneSidedUpperTail(effect, n, m);
        var margin = error + (KolmogorovDistribution.UpperQuantile(1 - options.ConfidenceLevel) / scale);
        return DriftDecision.Decide(
            this,
            new DriftMeasurement(Symbol, distance, pValue, effect, GetCritical(options.Significance, scale), EffectIntervals.Around(distance, margin, options.ConfidenceLevel, 1)),
            reference.Count, current.Count, options);
    }

    private DriftResult Decide(long numerator, int n, int m, DriftTestOptions options)
    {
        var distance = (double)numerator / ((double)n * m);
        var scale = GetScale(n, m);
        if (GetPValue(numerator, distance, n, m) is not { } pValue)
            return DriftDecision.NotComputable(this, n, m, "One value on each side is too few for an asymptotic p-value; the exact one exists.");
        var margin = KolmogorovDistribution.UpperQuantile(1 - options.ConfidenceLevel) / scale;
        var result = DriftDecision.Decide(
            this, new DriftMeasurement(Symbol, distance, pValue, distance, GetCritical(options.Significance, scale), EffectIntervals.Around(distance, margin, options.ConfidenceLevel, 1)), n, m, options);
        return _method == PValueMethod.Exact && IsTooManyForExact(n, m)
            ? result with { Reason = $"{result.Reason} The p-value is asymptotic: an exact one is found up to a product of the counts of 10^9." }
            : result;
    }

    private double? GetPValue(long numerator, double distance, int n, int m)
    {
        double effective = (double)n * m / ((double)n + m);
        // Beyond this the p-value is below the smallest double, however it is found.
        var isVanishing = 2 * effective * distance * distance > 760;
        var isExact = !isVanishing && (_method == PValueMethod.Exact ? !IsTooManyForExact(n, m) : _method == PValueMethod.Automatic && Math.Max(n, m) <= MaximumExactCount);
        if (isExact) return LatticePaths.UpperTail(numerator, n, m, _alternative != Alternative.TwoSided);
        if (_alternative != Alternative.TwoSided) return KolmogorovDistribution.OneSidedUpperTail(distance, n, m);
        var rounded = (long)Math.Round(effective, MidpointRounding.ToEven);
        return rounded == 0 ? null : FiniteKolmogorovDistribution.UpperTail(distance, rounded);
    }

    /// <remarks>With equal counts, the one-sided law is a product of at most n factors.</remarks>
    private bool IsTooManyForExact(int n, int m) => (double)n * m > MaximumExactProduct && (_alternative == Alternative.TwoSided || n != m);

    private double GetCritical(double significance, double scale)
        => (_alternative == Alternative.TwoSided ? KolmogorovDistribution.UpperQuantile(significance) : Math.Sqrt(-Math.Log(significance) / 2)) / scale;

    private double GetDistance(KllSketch reference, KllSketch current)
    {
        double n = reference.Count, m = current.Count, largest = 0;
        foreach (var (below, at, belowCurrent, atCurrent) in SketchedSample.GetSteps(reference, current))
        {
            var difference = ((below + at) / n) - ((belowCurrent + atCurrent) / m);
            largest = Math.Max(largest, _alternative switch { Alternative.Less => -difference, Alternative.Greater => difference, _ => Math.Abs(difference) });
        }

        return largest;
    }

    private static double GetScale(double n, double m) => Math.Sqrt(n * m / (n + m));
}
