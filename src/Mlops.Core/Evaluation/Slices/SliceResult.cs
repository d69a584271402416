namespace Mlops.Evaluation;

/// <summary>How a model does on the rows of one value of a column.</summary>
/// <param name="Column">The column: <c>plan</c>, of a cross <c>region × age</c>.</param>
/// <param name="Value">The value: <c>basic</c>, <c>[18, 30)</c>, <c>(missing)</c>.</param>
/// <param name="RowCount">The number of rows that can be judged.</param>
/// <param name="Ratio">Their share of all rows that can be judged, by weight, 0..1.</param>
/// <param name="Metrics">The figures; undefined where there are too few rows.</param>
public sealed record SliceResult(string Column, string Value, long RowCount, double Ratio, IReadOnlyList<EvaluationMetric> Metrics)
{
    /// <summary>Gets the name of the slice: <c>plan = basic</c>, <c>age in [18, 30)</c>, <c>age ≥ 67</c>.</summary>
    public string Name => Value.StartsWith("< ", StringComparison.Ordinal) || Value.StartsWith("≥ ", StringComparison.Ordinal) ? $"{Column} {Value}" : Value.StartsWith('[') && Value.EndsWith(')') ? $"{Column} in {Value}" : $"{Column} = {Value}";

    /// <summary>Writes the slice, its rows and figures, in the invariant culture.</summary>
    /// <returns>The text: <c>plan = basic (1,200 rows): accuracy 0.8123</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"{Name} ({RowCount:N0} rows): {string.Join(", ", Metrics)}");
}
