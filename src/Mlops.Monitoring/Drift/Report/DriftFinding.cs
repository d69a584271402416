using System.Globalization;
using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>What one test says of one column, among all tests of a report.</summary>
/// <param name="Column">The name of the column.</param>
/// <param name="Type">The type of its values in the reference.</param>
/// <param name="Verdict">What it comes to after the correction for the number of tests.</param>
/// <param name="Result">The test taken by itself.</param>
public sealed record DriftFinding(string Column, ElementType Type, DriftVerdict Verdict, DriftResult Result)
{
    /// <summary>Gets the p-value corrected for the number of tests, 0..1; <see langword="null"/> where there is none.</summary>
    public double? AdjustedPValue { get; init; }

    /// <summary>Describes the finding in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Column}: {Verdict}. {Result}{(AdjustedPValue is null ? "" : " Adjusted p = ")}{AdjustedPValue:0.####}");
}
