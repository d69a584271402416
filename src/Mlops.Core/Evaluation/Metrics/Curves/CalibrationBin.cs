using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>Rows with about the same predicted probability.</summary>
/// <param name="Lower">The lower bound, exclusive but for 0.</param>
/// <param name="Upper">The upper bound, inclusive.</param>
/// <param name="RowCount">The number of rows.</param>
/// <param name="Weight">The sum of their weights.</param>
/// <param name="MeanPredicted">The weighted mean of their probabilities.</param>
/// <param name="ObservedRate">The weighted share of them that are positive.</param>
public readonly record struct CalibrationBin(double Lower, double Upper, long RowCount, double Weight, double MeanPredicted, double ObservedRate)
{
    /// <summary>Gets how far the predicted probability is from what was observed, 0..1.</summary>
    public double Gap => Math.Abs(ObservedRate - MeanPredicted);

    /// <summary>Writes the bin, in the invariant culture.</summary>
    /// <returns>The text: <c>(0.1, 0.2]: 0.15 predicted, 0.12 observed, 83 rows</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Lower:0.####}, {Upper:0.####}]: {MeanPredicted:0.####} predicted, {ObservedRate:0.####} observed, {RowCount} rows");
}
