using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>z test of two proportions: whether the share of one of two categories has changed.</summary>
/// <remarks>
/// <para>Statistic z = (p − q)/√(r(1 − r)(1/n + 1/m)) with the share p of the first category in the reference, q in the current data and r in both together. The effect is |p − q|, 0..1;
/// one-sided, the difference in that direction only. Two-sided, z² is χ² of the same table. Thread-safe: stateless.</para>
/// <para>The p-value is by the normal law where every expected count is at least 5, or at significances below 5 % as many more as its tail needs (112 at 0.1 %), below that by enumerating the tables with the same margins. A table with one category has p = 1;
/// with more than two it is not computable. Time O(1), or O(√(n+m)) for an exact p-value. The interval of the effect is R. G. Newcombe's (1998).</para>
/// <para>Source: K. Pearson (1900); J. L. Fleiss, "Statistical Methods for Rates and Proportions" (1973).</para>
/// </remarks>
public sealed class TwoProportions : IProfileDriftTest, ICategoryDriftTest, IDirectedDriftTest
{
    private readonly Alternative _alternative;
    private readonly TableTestMethod _method;

    /// <summary>Creates the test.</summary>
    /// <param name="alternative">Whether the share of the first category is looked at for being less in the reference than in the current data, greater, or either. Profiles have their categories in ordinal order.</param>
    /// <param name="pValueMethod">How the p-value is computed.</param>
    public TwoProportions(Alternative alternative = Alternative.TwoSided, PValueMethod pValueMethod = PValueMethod.Automatic)
    {
        if (!Enum.IsDefined(alternative)) throw new ArgumentOutOfRangeException(nameof(alternative), alternative, "The alternative is unknown.");
        _alternative = alternative;
        _method = new TableTestMethod(pValueMethod, TableTestMethod.DefaultPermutations, 0);
    }

    /// <inheritdoc/>
    public string Name => "two-proportions";

    Alternative IDirectedDriftTest.Alternative => _alternative;

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.1;

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
        => CategoryComparison.Test(this, reference, current, options, Compare);

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null)
        => CategoryComparison.Test(this, reference, current, options, Compare);

    /// <summary>Gets the difference in the direction that is looked at, and its interval.</summary>
    internal static (double Effect, ConfidenceInterval Interval) GetEffect(CategoryTable table, Alternative alternative, double level)
    {
        var difference = ((double)table.Reference[0] / table.ReferenceCount) - ((double)table.Current[0] / table.CurrentCount);
        var signed = ShareIntervals.GetDifference(table.Reference[0], table.ReferenceCount, table.Current[0], table.CurrentCount, level);
        return alternative switch
        {
            Alternative.Greater => (Math.Max(0, difference), new ConfidenceInterval(Math.Max(0, signed.Lower), Math.Clamp(signed.Upper, 0, 1), level)),
            Alternative.Less => (Math.Max(0, -difference), new ConfidenceInterval(Math.Max(0, -signed.Upper), Math.Clamp(-signed.Lower, 0, 1), level)),
            _ => (Math.Abs(difference), ShareIntervals.GetAbsolute(signed, level)),
        };
    }

    /// <summary>Gets the difference at which z reaches a value; above 1 where none does.</summary>
    private static double GetCriticalDifference(CategoryTable table, double z)
    {
        var pooled = ((double)table.Reference[0] + table.Current[0]) / table.Total;
        return Math.Max(0, z) * Math.Sqrt(pooled * (1 - pooled) * table.PerRow);
    }

    private DriftResult Compare(CategoryTable table, DriftTestOptions options)
    {
        if (table.CategoryCount > 2)
            return DriftDecision.NotComputable(this, table.ReferenceCount, table.CurrentCount, $"There are {table.CategoryCount} categories, and this test is for two; the chi-squared test takes more.");
        var (effect, interval) = GetEffect(table, _alternative, options.ConfidenceLevel);
        var difference = ((double)table.Reference[0] / table.ReferenceCount) - ((double)table.Current[0] / table.CurrentCount);
        var z = difference / GetCriticalDifference(table, 1);
        var (pValue, critical) = Test(table, z, options);
        return DriftDecision.Decide(this, new DriftMeasurement("z", z, pValue, effect, critical, interval), table.ReferenceCount, table.CurrentCount, options);
    }

    private (double PValue, double CriticalEffect) Test(CategoryTable table, double z, DriftTestOptions options)
    {
        if (!_method.IsAsymptotic(table, options.Significance))
        {
            // Tables of the same margins have the same order by the difference as by z.
            return _alternative == Alternative.TwoSided ? _method.Permute(table, (reference, current) => Math.Abs(((double)reference[0] / table.ReferenceCount) - ((double)current[0] / table.CurrentCount)), options) : FisherExact.Test(table, _alternative, options.Significance);
        }

        // The square of a normal value follows the chi-squared law with one degree of freedom.
        var twoSided = ChiSquaredDistribution.UpperTail(z * z, 1);
        var pValue = _alternative switch
        {
            Alternative.Greater => z > 0 ? twoSided / 2 : 1 - (twoSided / 2),
            Alternative.Less => z < 0 ? twoSided / 2 : 1 - (twoSided / 2),
            _ => twoSided,
        };
        return (pValue, GetCriticalDifference(table, NormalDistribution.UpperQuantile(options.Significance / (_alternative == Alternative.TwoSided ? 2 : 1))));
    }
}
