using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>G test: whether two samples of categories have the same shares, by the likelihood ratio.</summary>
/// <remarks>
/// <para>Statistic G = 2 Σ O ln(O/E) over the 2 × K table, ≥ 0, in nats, where E takes both samples as random. The effect is the total variation distance, 0..1. G/2(n+m) is the
/// information that the category gives on the sample. Thread-safe: stateless.</para>
/// <para>The p-value is by the chi-squared law with K − 1 degrees of freedom where every expected count is large enough for the significance, otherwise by dealing rows at random, both as
/// <see cref="ChiSquared"/> does it. Time O(K); O(K · permutations) where tables are drawn.</para>
/// <para>Source: S. S. Wilks (1938); B. Woolf (1957); R. R. Sokal, F. J. Rohlf, "Biometry" (1981).</para>
/// </remarks>
public sealed class GTest : IProfileDriftTest, ICategoryDriftTest
{
    private readonly bool _isYatesCorrected;
    private readonly TableTestMethod _method;

    /// <summary>Creates the test.</summary>
    /// <param name="isYatesCorrected">Whether a table of two categories is corrected for continuity.</param>
    /// <param name="pValueMethod">How the p-value is computed.</param>
    /// <param name="permutations">The number of tables that are drawn where that is needed, ≥ 99; fewer, down to 499, with more than 500 categories.</param>
    /// <param name="seed">The seed of the drawing.</param>
    public GTest(bool isYatesCorrected = false, PValueMethod pValueMethod = PValueMethod.Automatic, int permutations = TableTestMethod.DefaultPermutations, int seed = 0)
    {
        _isYatesCorrected = isYatesCorrected;
        _method = new TableTestMethod(pValueMethod, permutations, seed);
    }

    /// <inheritdoc/>
    public string Name => "g-test";

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
        var isCorrected = _isYatesCorrected && table.CategoryCount == 2;
        return _method.Decide(
            this, "G", table, GetStatistic(table, table.Reference, table.Current, isCorrected), (reference, current) => GetStatistic(table, reference, current, false), options, isCorrected ? 0.5 : 0);
    }

    private static double GetStatistic(CategoryTable table, ReadOnlySpan<long> reference, ReadOnlySpan<long> current, bool isYatesCorrected)
    {
        double sum = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            var total = (double)reference[i] + current[i];
            sum += Add(reference[i], total * table.ReferenceCount / table.Total) + Add(current[i], total * table.CurrentCount / table.Total);
        }

        return Math.Max(0, 2 * sum);

        double Add(double observed, double expected)
        {
            if (isYatesCorrected) observed -= Math.Clamp(observed - expected, -0.5, 0.5);
            // The differences add up to 0, so each may be taken off; with it, no digits are lost where observed and expected are close.
            return observed == 0 ? expected : (observed * Math.Log(observed / expected)) - (observed - expected);
        }
    }
}
