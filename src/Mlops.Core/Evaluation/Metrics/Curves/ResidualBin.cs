using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>The residuals, prediction − label, of rows with about the same prediction, in the label's unit.</summary>
/// <param name="Lower">The smallest prediction.</param>
/// <param name="Upper">The largest prediction.</param>
/// <param name="RowCount">The number of rows.</param>
/// <param name="Weight">The sum of their weights.</param>
/// <param name="MeanPrediction">The weighted mean of their predictions.</param>
/// <param name="MeanResidual">The weighted mean of their residuals.</param>
public readonly record struct ResidualBin(double Lower, double Upper, long RowCount, double Weight, double MeanPrediction, double MeanResidual)
{
    /// <summary>Gets the residual below which 5 % of the weight lies.</summary>
    public double Quantile05 { get; init; }

    /// <summary>Gets the residual below which 25 % of the weight lies.</summary>
    public double Quantile25 { get; init; }

    /// <summary>Gets the median of the residuals.</summary>
    public double Median { get; init; }

    /// <summary>Gets the residual below which 75 % of the weight lies.</summary>
    public double Quantile75 { get; init; }

    /// <summary>Gets the residual below which 95 % of the weight lies.</summary>
    public double Quantile95 { get; init; }

    /// <summary>Writes the bin, in the invariant culture.</summary>
    /// <returns>The text: <c>[1, 2]: mean residual 0.1, median 0.05, 83 rows</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Lower:0.####}, {Upper:0.####}]: mean residual {MeanResidual:0.####}, median {Median:0.####}, {RowCount} rows");
}
