namespace Mlops.Evaluation;

/// <summary>How alike the groups of a column are treated.</summary>
/// <param name="Column">The column.</param>
/// <param name="Groups">The rates of each group, at the most probable class.</param>
/// <param name="Metrics">The differences and ratios between groups, with intervals; undefined where a group has no rate.</param>
public sealed record FairnessResult(string Column, IReadOnlyList<GroupRates> Groups, IReadOnlyList<EvaluationMetric> Metrics);
