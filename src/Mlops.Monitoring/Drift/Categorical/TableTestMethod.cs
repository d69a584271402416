namespace Mlops.Monitoring;

/// <summary>How a test with a statistic that follows the chi-squared law for many rows comes to its p-value and its verdict.</summary>
internal sealed class TableTestMethod
{
    public const int DefaultPermutations = 1999;

    private readonly PValueMethod _pValueMethod;
    private readonly int _permutations;
    private readonly int _seed;

    public TableTestMethod(PValueMethod pValueMethod, int permutations, int seed)
    {
        if (!Enum.IsDefined(pValueMethod)) throw new ArgumentOutOfRangeException(nameof(pValueMethod), pValueMethod, "The method is unknown.");
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 99);
        (_pValueMethod, _permutations, _seed) = (pValueMethod, permutations, seed);
    }

    /// <summary>Decides by a statistic, of which rows with the same margins can be given too.</summary>
    /// <param name="test">The test.</param>
    /// <param name="symbol">The symbol of the statistic.</param>
    /// <param name="table">The table.</param>
    /// <param name="statistic">The statistic.</param>
    /// <param name="compute">Computes the statistic of a table with the same margins.</param>
    /// <param name="options">What to call drift.</param>
    /// <param name="correction">By how many rows the statistic takes each count to be closer to the expected one.</param>
    public DriftResult Decide(IDriftTest test, string symbol, CategoryTable table, double statistic, TablePermutation.Statistic compute, DriftTestOptions options, double correction = 0)
    {
        var degreesOfFreedom = table.CategoryCount - 1;
        var isAsymptotic = IsAsymptotic(table, options.Significance);
        var (pValue, critical) = isAsymptotic
            ? (ChiSquaredDistribution.UpperTail(statistic, degreesOfFreedom), ChiSquaredDistribution.UpperQuantile(options.Significance, degreesOfFreedom))
            : TablePermutation.Test(table, compute, options.Significance, _permutations, _seed);
        // Both χ² and G are at least 4·(nm/N)·TVD², so this is the smallest total variation distance that must be significant; none is where it lies beyond 1.
        var criticalEffect = (Math.Sqrt(critical * table.PerRow) / 2) + (isAsymptotic ? correction * table.PerRow : 0);
        return DriftDecision.Decide(
            test,
            new DriftMeasurement(symbol, statistic, pValue, table.GetTotalVariation(), criticalEffect, ShareIntervals.GetTotalVariation(table, options.ConfidenceLevel)),
            table.ReferenceCount, table.CurrentCount, options);
    }

    /// <summary>Gets whether the limiting law tells the p-value, as it is asked for or holds well enough at the significance.</summary>
    public bool IsAsymptotic(CategoryTable table, double significance)
        => _pValueMethod == PValueMethod.Asymptotic || (_pValueMethod == PValueMethod.Automatic && table.GetSmallestExpected() >= CategoryTable.GetMinimumExpected(significance));

    /// <summary>Tests by dealing rows at random.</summary>
    public (double PValue, double Critical) Permute(CategoryTable table, TablePermutation.Statistic compute, DriftTestOptions options)
        => TablePermutation.Test(table, compute, options.Significance, _permutations, _seed);
}
