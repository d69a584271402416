using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>What taking all rows of at least a score for positive comes to, as rates.</summary>
/// <param name="Threshold">The score from which on rows are taken for positive; +∞ of the first point, where none is.</param>
/// <param name="FalsePositiveRate">The share of the negative rows that are taken for positive, by weight, 0..1.</param>
/// <param name="TruePositiveRate">The share of the positive rows that are taken for positive, by weight, 0..1.</param>
public readonly record struct RocPoint(double Threshold, double FalsePositiveRate, double TruePositiveRate)
{
    /// <summary>Writes the point, in the invariant culture.</summary>
    /// <returns>The text: <c>0.5: 0.1 → 0.8</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Threshold:0.####}: {FalsePositiveRate:0.####} → {TruePositiveRate:0.####}");
}
