using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>One figure of an evaluation.</summary>
/// <param name="Name">The name: <c>rmse</c>.</param>
/// <param name="Value">The value; <see langword="null"/> when the metric is undefined for these data.</param>
/// <param name="Direction">Which values are better.</param>
public sealed record EvaluationMetric(string Name, double? Value, MetricDirection Direction)
{
    /// <summary>Gets why the metric is undefined; <see langword="null"/> when it is defined.</summary>
    public string? UndefinedReason { get; init; }

    /// <summary>Writes the figure with its name, in the invariant culture.</summary>
    /// <returns>The text: <c>rmse 1.2345</c>.</returns>
    public override string ToString() => Value is { } value
        ? string.Create(CultureInfo.InvariantCulture, $"{Name} {value:0.0000}")
        : $"{Name} undefined ({UndefinedReason})";
}
