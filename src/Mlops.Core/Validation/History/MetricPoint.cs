namespace Mlops.Validation;

/// <summary>The value of a metric at one run.</summary>
/// <param name="At">When the run was, or what day its data is of; in UTC.</param>
/// <param name="Value">The value, finite; <see langword="null"/> where the run could not compute one, as the mean of a column without values.</param>
public readonly record struct MetricPoint(DateTimeOffset At, double? Value)
{
    /// <summary>Describes the point in one line, in the invariant culture.</summary>
    /// <returns>The description, with the value.</returns>
    public override string ToString() => FormattableString.Invariant($"{MetricMessage.Time(At)}: {(object?)Value ?? "no value"}");
}
