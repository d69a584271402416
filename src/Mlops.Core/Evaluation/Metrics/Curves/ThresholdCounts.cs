using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>What taking all rows of at least a score for positive comes to, by weight.</summary>
/// <param name="Threshold">The score from which on rows are taken for positive; +∞ where none is.</param>
/// <param name="TruePositives">The weight of the positive rows that are taken for positive.</param>
/// <param name="FalsePositives">The weight of the negative rows that are taken for positive.</param>
/// <param name="TrueNegatives">The weight of the negative rows that are not.</param>
/// <param name="FalseNegatives">The weight of the positive rows that are not.</param>
public readonly record struct ThresholdCounts(double Threshold, double TruePositives, double FalsePositives, double TrueNegatives, double FalseNegatives)
{
    /// <summary>Writes the counts, in the invariant culture.</summary>
    /// <returns>The text: <c>0.5: 8 true and 2 false positive, 85 true and 5 false negative</c>.</returns>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Threshold:0.####}: {TruePositives:0.##} true and {FalsePositives:0.##} false positive, {TrueNegatives:0.##} true and {FalseNegatives:0.##} false negative");
}
