using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Total variation distance: the share of rows that would have to change their category for two samples to have the same shares.</summary>
/// <remarks>
/// <para>Statistic TVD = ½ Σ |p − q|, 0..1; the effect is TVD. Without drift it grows with the number of categories and shrinks with the number of rows, so the p-value and the threshold are of
/// exactly these counts: rows are dealt to the two samples at random, exactly with two categories, with more by drawing tables from a fixed seed. Thread-safe: stateless.</para>
/// <para>Time O(K · permutations). The interval of the effect is R. G. Newcombe's with two categories, and a conservative one with more.</para>
/// </remarks>
public sealed class TotalVariation : IProfileDriftTest, ICategoryDriftTest
{
    private readonly TableTestMethod _method;

    /// <summary>Creates the test.</summary>
    /// <param name="permutations">The number of tables that are drawn with more than two categories, ≥ 99; fewer, down to 499, with more than 500 categories.</param>
    /// <param name="seed">The seed of the drawing.</param>
    public TotalVariation(int permutations = TableTestMethod.DefaultPermutations, int seed = 0) => _method = new TableTestMethod(PValueMethod.Exact, permutations, seed);

    /// <inheritdoc/>
    public string Name => "total-variation";

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
        var distance = table.GetTotalVariation();
        var (pValue, critical) = _method.Permute(table, table.GetTotalVariation, options);
        return DriftDecision.Decide(
            this, new DriftMeasurement("TVD", distance, pValue, distance, critical, ShareIntervals.GetTotalVariation(table, options.ConfidenceLevel)), table.ReferenceCount, table.CurrentCount, options);
    }
}
