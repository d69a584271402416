namespace Mlops.Validation;

/// <summary>A value of a metric that is not what its history lets expect.</summary>
/// <param name="Metric">The metric, as <c>age.mean</c>.</param>
/// <param name="At">The run, in UTC.</param>
/// <param name="Value">The value, in the unit of the metric; <see langword="null"/> where a value was required and there is none.</param>
/// <param name="Expected">The values that the rule lets pass; <see langword="null"/> where a value was required and there is none.</param>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Message">What was expected, in one line. Holds no value of the data: of means, extremes and quantiles it tells only how far off they are.</param>
public sealed record MetricAnomaly(
    string Metric, DateTimeOffset At, double? Value, MetricRange? Expected, string Rule, ValidationSeverity Severity, string Message)
{
    /// <summary>Gets the column that the metric is of; <see langword="null"/> where it is of the whole dataset, or none that <see cref="ProfileMetrics"/> names.</summary>
    public string? Column => ProfileMetrics.GetColumn(Metric);

    /// <summary>Makes a finding of it, which can stand in a <see cref="DataValidationReport"/>.</summary>
    /// <returns>The finding, of the kind <see cref="AnomalyKind.MetricAnomaly"/>.</returns>
    /// <example><code>report = report with { Findings = [.. report.Findings, .. rules.CheckLatest(history).ToFindings()] };</code></example>
    public ValidationFinding ToFinding() => new(AnomalyKind.MetricAnomaly, Severity, Column, Message) { Measured = Value };

    /// <summary>Gets the message.</summary>
    /// <returns><see cref="Message"/>, in the invariant culture.</returns>
    public override string ToString() => Message;
}
