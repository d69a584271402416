using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Chi-squared test of homogeneity: whether two samples of categories have the same shares.</summary>
/// <remarks>
/// <para>Statistic χ² = Σ (O − E)²/E over the 2 × K table, ≥ 0, where E takes both samples as random: taking the reference as known instead raises
/// several times more false alarms. The effect is the total variation distance, 0..1: the share of rows that would have to change their category. Thread-safe: stateless.</para>
/// <para>The p-value is by the chi-squared law with K − 1 degrees of freedom where every expected count is at least 5, or at significances below 5 % as many more as its tail needs (112 at 0.1 %). Below that the law is wrong, so rows are dealt to the
/// two samples at random: exactly with two categories, with more by drawing tables from a fixed seed. No category is merged away. A category that only one sample has counts like any
/// other. On profiles that no longer count every value, rare values are compared together.</para>
/// <para>Time O(K); O(K · permutations) where tables are drawn. The interval of the effect is R. G. Newcombe's with two categories, and a conservative one with more.</para>
/// <para>Source: K. Pearson (1900); F. Yates (1934) for the correction; W. G. Cochran, "Some methods for strengthening the common χ² tests" (1954) for the smallest expected count.</para>
/// </remarks>
public sealed class ChiSquared : IProfileDriftTest, ICategoryDriftTest
{
    private readonly bool _isYatesCorrected;
    private readonly TableTestMethod _method;

    /// <summary>Creates the test.</summary>
    /// <param name="isYatesCorrected">Whether a table of two categories is corrected for continuity, which makes the p-value by the chi-squared law larger.</param>
    /// <param name="pValueMethod">How the p-value is computed.</param>
    /// <param name="permutations">The number of tables that are drawn where that is needed, ≥ 99; fewer, down to 499, with more than 500 categories.</param>
    /// <param name="seed">The seed of the drawing.</param>
    public ChiSquared(bool isYatesCorrected = false, PValueMethod pValueMethod = PValueMethod.Automatic, int permutations = TableTestMethod.DefaultPermutations, int seed = 0)
    {
        _isYatesCorrected = isYatesCorrected;
        _method = new TableTestMethod(pValueMethod, permutations, seed);
    }

    /// <inheritdoc/>
    public string Name => "chi-squared";

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
        var statistic = isCorrected ? GetYates(table) : table.GetChiSquared(table.Reference, table.Current);
        return _method.Decide(this, "χ²", table, statistic, table.GetChiSquared, options, isCorrected ? 0.5 : 0);
    }

    private static double GetYates(CategoryTable table)
    {
        var correction = Math.Min(0.5, Math.Abs(table.Reference[0] - table.GetExpectedReference(0)));
        var deviation = Math.Abs(table.Reference[0] - table.GetExpectedReference(0)) - correction;
        double sum = 0;
        for (var i = 0; i < 2; i++) sum += (deviation * deviation / table.GetExpectedReference(i)) + (deviation * deviation / table.GetExpectedCurrent(i));
        return sum;
    }
}
