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
    public DriftResult Decide(IDriftTest test, string symbol, CategoryTable table, double statistic, TablePermutation.Statistic compute, DriftTestOptions options)
    {
        var degreesOfFreedom = table.CategoryCount - 1;
        var (pValue, critical) = IsAsymptotic(table)
            ? (ChiSquaredDistribution.UpperTail(statistic, degreesOfFreedom), ChiSquaredDistribution.UpperQuantile(options.Significance, degreesOfFreedom))
            : TablePermutation.Test(table, compute, options.Significance, _permutations, _seed);
        // Both χ² and G are at least 4·(nm/N)·TVD², so this is the smallest total variation distance that must be significant.
        var criticalEffect = Math.Min(1, Math.Sqrt(critical * table.PerRow) / 2);
        return DriftDecision.Decide(
            test,
            new DriftMeasurement(symbol, statistic, pValue, table.GetTotalVariation(), criticalEffect, ShareIntervals.GetTotalVariation(table, options.ConfidenceLevel)),
            table.ReferenceCount, table.CurrentCount, options);
    }

    public bool IsAsymptotic(CategoryTable table)
        => _pValueMethod == PValueMethod.Asymptotic || (_pValueMethod == PValueMethod.Automatic && table.GetSmallestExpected() >= CategoryTable.MinimumExpected);

    /// <summary>Tests by dealing rows at random.</summary>
    public (double PValue, double Critical) Permute(CategoryTable table, TablePermutation.Statistic compute, DriftTestOptions options)
        => TablePermutation.Test(table, compute, options.Significance, _permutations, _seed);
}
