using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>How right and how complete taking all rows of at least a score for positive is.</summary>
/// <param name="Threshold">The score from which on rows are taken for positive; +∞ of the first point, where none is.</param>
/// <param name="Precision">The share of the rows taken for positive that are, by weight, 0..1; 1 of the first point.</param>
/// <param name="Recall">The share of the positive rows that are taken for positive, by weight, 0..1.</param>
public readonly record struct PrecisionRecallPoint(double Threshold, double Precision, double Recall)
{
    /// <summary>Writes the point, in the invariant culture.</summary>
    /// <returns>The text: <c>0.5: precision 0.9, recall 0.8</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Threshold:0.####}: precision {Precision:0.####}, recall {Recall:0.####}");
}
