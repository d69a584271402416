using System.Globalization;

namespace Mlops.Validation;

/// <summary>What a rule says about one value of a metric, anomaly or not.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="At">The run.</param>
/// <param name="Value">The value; <see langword="null"/> where the run has none.</param>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Severity">How bad an anomaly is.</param>
/// <param name="Verdict">What the rule says.</param>
/// <param name="Expected">The values that the rule lets pass; <see langword="null"/> where it has none to tell.</param>
/// <param name="Reason">Why there is no judgement; <see langword="null"/> where there is one.</param>
public sealed record MetricResult(
    string Metric, DateTimeOffset At, double? Value, string Rule, ValidationSeverity Severity, MetricVerdict Verdict, MetricRange? Expected, string? Reason)
{
    /// <summary>Describes the result in one line, in the invariant culture. Holds no value of the data.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => Verdict switch
    {
        MetricVerdict.Anomaly => MetricMessage.Describe(this),
        MetricVerdict.Normal => string.Create(CultureInfo.InvariantCulture, $"{Metric} of {MetricMessage.Time(At)} is as expected ({Rule})."),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Metric} of {MetricMessage.Time(At)} is not judged ({Rule}): {Reason}."),
    };
}
