using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Fisher's exact test: whether two samples of two categories have the same shares, for any counts, however small.</summary>
/// <remarks>
/// <para>Statistic: the odds ratio (a/b)/(c/d) of the reference row (a, b) and the current row (c, d); where it is infinite or undefined, half a row is added to each cell (Haldane–Anscombe).
/// The two-sided p-value is the sum of the probabilities of all tables with the same margins that are no more likely than the observed one (1e-7 more is taken as equal).
/// The effect is the difference of the shares, 0..1; one-sided, in that direction only. Thread-safe: stateless.</para>
/// <para>With more than two categories the statistic is −ln of the table's probability, and tables are drawn from a fixed seed (Freeman–Halton); there is no one-sided test then.
/// Time O(√(n+m)) with two categories, O(K · permutations) with more.</para>
/// <para>Source: R. A. Fisher (1935); G. H. Freeman, J. H. Halton (1951).</para>
/// </remarks>
public sealed class FisherExact : IProfileDriftTest, ICategoryDriftTest, IDirectedDriftTest
{
    /// <summary>By how much, of their size, equal probabilities may differ.</summary>
    private const double ProbabilityTolerance = 1e-7;

    private readonly Alternative _alternative;
    private readonly TableTestMethod _method;

    /// <summary>Creates the test.</summary>
    /// <param name="alternative">Whether the share of the first category is looked at for being less in the reference than in the current data, greater, or either. Profiles have their categories in ordinal order.</param>
    /// <param name="permutations">The number of tables that are drawn with more than two categories, ≥ 99; fewer, down to 499, with more than 500 categories.</param>
    /// <param name="seed">The seed of the drawing.</param>
    public FisherExact(Alternative alternative = Alternative.TwoSided, int permutations = TableTestMethod.DefaultPermutations, int seed = 0)
    {
        if (!Enum.IsDefined(alternative)) throw new ArgumentOutOfRangeException(nameof(alternative), alternative, "The alternative is unknown.");
        _alternative = alternative;
        _method = new TableTestMethod(PValueMethod.Exact, permutations, seed);
    }

    /// <inheritdoc/>
    public string Name => "fisher-exact";

    Alternative IDirectedDriftTest.Alternative => _alternative;

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.1;

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
        => CategoryComparison.Test(this, reference, current, options, Compare);

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null)
        => CategoryComparison.Test(this, reference, current, options, Compare);

    /// <summary>Gets the p-value of a table of two categories, and the difference of the shares from which on tables with its margins are significant; infinity where none is.</summary>
    internal static (double PValue, double CriticalEffect) Test(CategoryTable table, Alternative alternative, double significance)
    {
        var pValue = GetPValue(table.Reference[0], table.Reference[1], table.Current[0], table.Current[1], alternative);
        return (pValue, TwoCategoryTables.FindCriticalEffect(table, Measure, significance, ProbabilityTolerance));

        (double Score, double Effect) Measure(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double probability)
        {
            var difference = ((double)reference[0] / table.ReferenceCount) - ((double)current[0] / table.CurrentCount);
            return alternative switch
            {
                Alternative.Less => (-difference, Math.Max(0, -difference)),
                Alternative.Greater => (difference, Math.Max(0, difference)),
                _ => (-probability, Math.Abs(difference)),
            };
        }
    }

    /// <summary>Gets the p-value of a table of two categories.</summary>
    internal static double GetPValue(long a, long b, long c, long d, Alternative alternative)
    {
        var law = new HypergeometricDistribution(a + b, c + d, a + c);
        double observed = 0, sum = 0;
        foreach (var (value, probability) in law.Enumerate())
        {
            if (value == a) observed = probability;
        }

        foreach (var (value, probability) in law.Enumerate())
        {
            var counts = alternative switch
            {
                Alternative.Less => value <= a,
                Alternative.Greater => value >= a,
                _ => probability <= observed * (1 + ProbabilityTolerance),
            };
            if (counts) sum += probability;
        }

        return Math.Min(1, sum);
    }

    private DriftResult Compare(CategoryTable table, DriftTestOptions options)
    {
        if (table.CategoryCount > 2) return CompareMany(table, options);
        long a = table.Reference[0], b = table.Reference[1], c = table.Current[0], d = table.Current[1];
        var (difference, interval) = TwoProportions.GetEffect(table, _alternative, options.ConfidenceLevel);
        var (pValue, critical) = Test(table, _alternative, options.Significance);
        return DriftDecision.Decide(this, new DriftMeasurement("odds ratio", GetOddsRatio(a, b, c, d), pValue, difference, critical, interval), table.ReferenceCount, table.CurrentCount, options);
    }

    private DriftResult CompareMany(CategoryTable table, DriftTestOptions options)
    {
        if (_alternative != Alternative.TwoSided)
            return DriftDecision.NotComputable(this, table.ReferenceCount, table.CurrentCount, $"{table.CategoryCount} categories have no direction; test two, or in both directions.");
        var (pValue, _) = _method.Permute(table, GetSurprise, options);
        var critical = _method.Permute(table, table.GetTotalVariation, options).Critical;
        // ln of the multinomial coefficients that the margins fix.
        var constant = Accurate.LogGamma(table.Total + 1) - Accurate.LogFactorial(table.ReferenceCount) - Accurate.LogFactorial(table.CurrentCount);
        for (var i = 0; i < table.CategoryCount; i++) constant -= Accurate.LogGamma((double)table.Reference[i] + table.Current[i] + 1);
        return DriftDecision.Decide(
            this,
            new DriftMeasurement("-ln P", GetSurprise(table.Reference, table.Current) + constant, pValue, table.GetTotalVariation(), critical, ShareIntervals.GetTotalVariation(table, options.ConfidenceLevel)),
            table.ReferenceCount, table.CurrentCount, options);
    }

    private static double GetOddsRatio(double a, double b, double c, double d)
        => b * c > 0 ? a / b * (d / c) : (a + 0.5) / (b + 0.5) * ((d + 0.5) / (c + 0.5));

    private static double GetSurprise(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double sum = 0;
        for (var i = 0; i < reference.Length; i++) sum += Accurate.LogFactorial(reference[i]) + Accurate.LogFactorial(current[i]);
        return sum;
    }
}
