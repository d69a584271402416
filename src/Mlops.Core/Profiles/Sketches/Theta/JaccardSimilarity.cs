using System.Globalization;

namespace Mlops.Profiles;

/// <summary>How much two sets overlap: the share of their union that both hold, 0 for disjoint sets, 1 for equal ones.</summary>
/// <param name="LowerBound">A share that the true one is below in 2.3 % of cases.</param>
/// <param name="Estimate">The estimated share, 0..1.</param>
/// <param name="UpperBound">A share that the true one is above in 2.3 % of cases.</param>
public readonly record struct JaccardSimilarity(double LowerBound, double Estimate, double UpperBound)
{
    /// <summary>Writes the estimate with its bounds.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Estimate:g4} ({LowerBound:g4} to {UpperBound:g4})");
}
