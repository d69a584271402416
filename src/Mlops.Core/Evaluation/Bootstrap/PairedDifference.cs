using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>By how much one model is better than another on the same rows.</summary>
/// <param name="Metric">The name of the metric.</param>
/// <param name="Value">The figure of the one.</param>
/// <param name="OtherValue">The figure of the other.</param>
/// <param name="Gain">How much better the one is, in the metric's unit whatever its direction; negative where it is worse.</param>
/// <param name="Interval">Where the true gain lies.</param>
/// <param name="PValue">How probable a gain, or loss, as large would be between models that are equally good, 0..1: two-sided.</param>
/// <param name="RowCount">The number of rows that both were judged on.</param>
public sealed record PairedDifference(string Metric, double Value, double OtherValue, double Gain, ConfidenceInterval Interval, double PValue, int RowCount)
{
    /// <summary>Gets how probable such a gain, or a larger one, would be of a model that is no better, above 0, at most 1: one-sided.</summary>
    public double BetterPValue { get; init; } = 1;

    /// <summary>Gets how probable such a loss, or a larger one, would be of a model that is no worse, above 0, at most 1: one-sided.</summary>
    public double WorsePValue { get; init; } = 1;

    /// <summary>Gets whether the one is better beyond chance: the whole interval is above 0.</summary>
    public bool IsBetter => Interval.Lower > 0;

    /// <summary>Gets whether the one is worse beyond chance: the whole interval is below 0.</summary>
    public bool IsWorse => Interval.Upper < 0;

    /// <summary>Writes the difference, in the invariant culture.</summary>
    /// <returns>The text: <c>roc_auc 0.8123 against 0.8001: gain 0.0122 [0.0031–0.0214 (95 %)], p 0.010</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Metric} {Value:0.0000} against {OtherValue:0.0000}: gain {Gain:0.0000} [{Interval}], p {PValue:0.000}");
}
