using System.Globalization;
using System.Text.Json.Serialization;
using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>One figure of an evaluation.</summary>
/// <param name="Name">The name: <c>rmse</c>.</param>
/// <param name="Value">The value; <see langword="null"/> when the metric is undefined for these data.</param>
/// <param name="Direction">Which values are better.</param>
// Written even where it is null: readers ask for every parameter.
public sealed record EvaluationMetric(string Name, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Value, MetricDirection Direction)
{
    /// <summary>Gets why the metric is undefined; <see langword="null"/> when it is defined.</summary>
    public string? UndefinedReason { get; init; }

    /// <summary>Gets where the true value lies; <see langword="null"/> where no interval was asked for, or the metric is undefined.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public ConfidenceInterval? Interval { get; init; }

    /// <summary>Makes a figure.</summary>
    /// <param name="name">The name: <c>rmse</c>.</param>
    /// <param name="value">The value, or why there is none.</param>
    /// <param name="direction">Which values are better.</param>
    /// <returns>The figure.</returns>
    public static EvaluationMetric Of(string name, MetricValue value, MetricDirection direction)
        => new(name, value.ValueOrNull, direction) { UndefinedReason = value.UndefinedReason };

    /// <summary>Writes the figure with its name, in the invariant culture.</summary>
    /// <returns>The text: <c>rmse 1.2345</c>.</returns>
    public override string ToString() => Value is { } value
        ? string.Create(CultureInfo.InvariantCulture, $"{Name} {value:0.0000}") + (Interval is { } interval ? $" [{interval}]" : "")
        : $"{Name} undefined ({UndefinedReason})";
}
