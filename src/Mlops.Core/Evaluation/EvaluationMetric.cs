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
}
