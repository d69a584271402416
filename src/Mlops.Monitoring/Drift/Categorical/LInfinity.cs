using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>L-infinity distance: the largest change of the share of any one category.</summary>
/// <remarks>
/// <para>Statistic L∞ = max |p − q| over the categories that either sample has, 0..1; the effect is L∞. The p-value and the threshold are of exactly these counts: rows are dealt to the two
/// samples at random, exactly with two categories, with more by drawing tables from a fixed seed. Thread-safe: stateless.</para>
/// <para>Time O(K · permutations). The interval's lower bound comes from intervals of all categories that hold together (Bonferroni), its upper bound from those that hold each by itself.</para>
/// </remarks>
public sealed class LInfinity : IProfileDriftTest, ICategoryDriftTest
{
    private readonly TableTestMethod _method;

    /// <summary>Creates the test.</summary>
    /// <param name="permutations">The number of tables that are drawn with more than two categories, ≥ 99; fewer, down to 499, with more than 500 categories.</param>
    /// <param name="seed">The seed of the drawing.</param>
    public LInfinity(int permutations = TableTestMethod.DefaultPermutations, int seed = 0) => _method = new TableTestMethod(PValueMethod.Exact, permutations, seed);

    /// <inheritdoc/>
    public string Name => "l-infinity";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.1;

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
        => CategoryComparison.Test(this, reference, current, options, Compare);

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null)
        => CategoryComparison.Test(this, reference, current, options, Compare);

    private DriftResult Compare(CategoryTable table, DriftTestOptions options)
    {
        var distance = table.GetLargestDifference(table.Reference, table.Current);
        var (pValue, critical) = _method.Permute(table, table.GetLargestDifference, options);
        return DriftDecision.Decide(
            this, new DriftMeasurement("L∞", distance, pValue, distance, critical, ShareIntervals.GetLargestDifference(table, options.ConfidenceLevel)), table.ReferenceCount, table.CurrentCount, options);
    }
}
