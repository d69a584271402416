using System.Globalization;
using System.Text;

namespace Mlops.Validation;

/// <summary>What rules say about a history.</summary>
/// <param name="History">The name of the history.</param>
/// <param name="Results">What every rule says about every value it was asked about: in the order of the rules, then of the names of the metrics, then of time.</param>
/// <param name="UnmatchedPatterns">The rules' patterns that no metric of the history matches: perhaps a column that is gone, perhaps a misspelt name.</param>
public sealed record MetricReport(string History, IReadOnlyList<MetricResult> Results, IReadOnlyList<string> UnmatchedPatterns)
{
    /// <summary>Gets the values that are not as expected, in the order of <see cref="Results"/>.</summary>
    public IReadOnlyList<MetricAnomaly> Anomalies =>
    [
        .. Results.Where(result => result.Verdict == MetricVerdict.Anomaly)
            .Select(result => new MetricAnomaly(result.Metric, result.At, result.Value, result.Expected, result.Rule, result.Severity, MetricMessage.Describe(result))),
    ];

    /// <summary>Gets what the report comes to: <see cref="ValidationVerdict.Fail"/> with an anomaly that is an error, <see cref="ValidationVerdict.Warn"/> with another one.</summary>
    public ValidationVerdict Verdict => Anomalies.Count == 0 ? ValidationVerdict.Pass
        : Anomalies.Any(anomaly => anomaly.Severity == ValidationSeverity.Error) ? ValidationVerdict.Fail
        : ValidationVerdict.Warn;

    /// <summary>Makes findings of the anomalies, which can stand in a <see cref="DataValidationReport"/>.</summary>
    /// <returns>The findings, in the order of <see cref="Anomalies"/>.</returns>
    public IReadOnlyList<ValidationFinding> ToFindings() => [.. Anomalies.Select(anomaly => anomaly.ToFinding())];

    /// <summary>Writes the report for people. Holds no value of the data.</summary>
    /// <returns>One line for the verdict, one for each anomaly, and one for each pattern without a metric.</returns>
    public override string ToString()
    {
        int Count(MetricVerdict verdict) => Results.Count(result => result.Verdict == verdict);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{History}: {Verdict.ToString().ToUpperInvariant()} – {Count(MetricVerdict.Normal)} normal, {Anomalies.Count} anomalies, {Count(MetricVerdict.NotEnoughHistory)} without enough history, {Count(MetricVerdict.NoValue)} without a value");
        foreach (var anomaly in Anomalies) text.Append(CultureInfo.InvariantCulture, $"\n  {anomaly.Severity.ToString().ToLowerInvariant(),-7} {anomaly.Message}");
        foreach (var pattern in UnmatchedPatterns) text.Append(CultureInfo.InvariantCulture, $"\n  no metric is called '{pattern}'");
        return text.ToString();
    }
}
