using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Reports;

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

    /// <summary>Gets what the report comes to: <see cref="ValidationVerdict.Fail"/> with an anomaly that is an error, <see cref="ValidationVerdict.Warn"/> with another one, or where a pattern matches no metric.</summary>
    public ValidationVerdict Verdict => Anomalies.Count == 0 ? UnmatchedPatterns.Count == 0 ? ValidationVerdict.Pass : ValidationVerdict.Warn
        : Anomalies.Any(anomaly => anomaly.Severity == ValidationSeverity.Error) ? ValidationVerdict.Fail
        : ValidationVerdict.Warn;

    /// <summary>Makes findings of the anomalies, which can stand in a <see cref="DataValidationReport"/>.</summary>
    /// <returns>The findings, in the order of <see cref="Anomalies"/>.</returns>
    public IReadOnlyList<ValidationFinding> ToFindings() => [.. Anomalies.Select(anomaly => anomaly.ToFinding())];

    /// <summary>Writes the report as JSON.</summary>
    /// <returns>UTF-8 JSON.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, MetricReportJson.Default.MetricReport);

    /// <summary>Writes the report as one HTML file that needs nothing else.</summary>
    /// <returns>The HTML, to be stored as UTF-8.</returns>
    public string ToHtml()
    {
        var report = new HtmlReport($"Metrics: {History}");
        AddTo(report);
        return report.ToString();
    }

    /// <summary>Adds the report to another: the verdict and a table of the anomalies.</summary>
    /// <param name="report">The other report.</param>
    public void AddTo(HtmlReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var sentence = ToString().Split('\n')[0];
        if (Verdict == ValidationVerdict.Pass) report.AddText(sentence);
        else report.AddNotice(sentence);
        if (UnmatchedPatterns.Count > 0) report.AddText($"No metric is called {string.Join(", ", UnmatchedPatterns)}.");
        if (Anomalies.Count == 0) return;
        report.AddTable(
            ["Time", "Metric", "Severity", "Rule", "Finding"],
            Anomalies.Select(anomaly => (IReadOnlyList<string>)[MetricMessage.Time(anomaly.At), anomaly.Metric, anomaly.Severity.ToString().ToLowerInvariant(), anomaly.Rule, anomaly.Message]),
            "Anomalies");
    }

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

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MetricReport))]
internal sealed partial class MetricReportJson : JsonSerializerContext;
