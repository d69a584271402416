using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>What one test says of one column, among all tests of a report.</summary>
/// <param name="Column">The name of the column; <c>(all numbers)</c> for <see cref="DriftFindingKind.Rows"/>.</param>
/// <param name="Type">The type of its values in the reference.</param>
/// <param name="Verdict">What it comes to after the correction for the number of tests.</param>
/// <param name="Result">The test; its threshold is that of an even share of the significance among so many tests, from which on drift is certain; a correction by steps may find smaller effects.</param>
public sealed record DriftFinding(string Column, ElementType Type, DriftVerdict Verdict, DriftResult Result)
{
    internal const string AllNumbers = "(all numbers)";

    /// <summary>Gets what the finding is about.</summary>
    /// <value>The default value is <see cref="DriftFindingKind.Values"/>.</value>
    public DriftFindingKind Kind { get; init; }

    /// <summary>Gets the p-value corrected for the number of tests, 0..1; <see langword="null"/> where there is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value does not lie between 0 and 1.</exception>
    public double? AdjustedPValue
    {
        get;
        init => field = value is null or (>= 0 and <= 1) ? value : throw new ArgumentOutOfRangeException(nameof(value), "A p-value of a drift finding lies between 0 and 1, or is null when there is none.");
    }

    /// <summary>Gets the smallest effect that counts, on the test's scale; <see langword="null"/> where no test was carried out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite, or negative.</exception>
    public double? MinimumEffect { get; init => field = RequireEffect(value); }

    /// <summary>Gets the effect divided by what the test calls small (<see cref="IDriftTest.DefaultMinimumEffect"/>), by which findings of different tests are ranked; <see cref="double.MaxValue"/> where
    /// the quotient is beyond the range of numbers, <see langword="null"/> where there is no effect.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite, or negative.</exception>
    public double? RelativeEffect { get; init => field = RequireEffect(value); }

    /// <summary>Gets the distributions of both sides; <see langword="null"/> where there are none to show.</summary>
    public ColumnDistributions? Distributions { get; init; }

    /// <summary>Describes the finding in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{Column}: {Verdict}. {Result}{(AdjustedPValue is { } pValue ? $" Adjusted p {DriftFigures.FormatPValue(pValue)}" : "")}";

    private static double? RequireEffect(double? value)
        => value is null || (value >= 0 && double.IsFinite(value.Value)) ? value : throw new ArgumentOutOfRangeException(nameof(value), "An effect of a drift finding is at least 0 and finite, or null when there is none.");
}
