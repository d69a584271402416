using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>The slice that a search found the model to be worst on, judged on rows that the search did not see.</summary>
/// <param name="Name">The name: <c>plan = yes and day_minutes ≥ 223.5</c>.</param>
/// <param name="Columns">The columns that tell it apart.</param>
/// <param name="RowCount">The number of its rows that it was judged on.</param>
/// <param name="Ratio">Their share of all those rows, 0..1.</param>
/// <param name="Metric">How the model does on them, with an interval.</param>
/// <param name="Rest">How it does on the others.</param>
/// <param name="Found">How it did on the rows that the search saw, which is too bad by chance, since the worst of many slices was taken.</param>
/// <param name="Gap">By how much the model is worse on the slice than on the others, in the metric's unit; <see langword="null"/> where one of them is undefined.</param>
/// <param name="GapInterval">Where the true gap lies; <see langword="null"/> where it is not known.</param>
public sealed record WorstSlice(
    string Name, IReadOnlyList<string> Columns, long RowCount, double Ratio, EvaluationMetric Metric, EvaluationMetric Rest, EvaluationMetric Found, double? Gap, ConfidenceInterval? GapInterval)
{
    /// <summary>Gets whether the model is worse there beyond chance: the whole interval of the gap is above 0. Otherwise the slice is the worst one of noise, and no finding.</summary>
    public bool IsFinding => GapInterval is { Lower: > 0 };

    /// <summary>Writes the slice, in the invariant culture.</summary>
    /// <returns>The text: <c>plan = yes (412 rows): accuracy 0.7000 against 0.9100 elsewhere</c>, and whether it is a finding.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Name} ({RowCount:N0} rows): {Metric} against {Write(Rest)} elsewhere{(IsFinding ? "" : ", which may be chance")}");

    private static string Write(EvaluationMetric metric) => metric.Value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "undefined";
}
