using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Reports;

namespace Mlops.Validation;

/// <summary>What the validation of a dataset found.</summary>
/// <param name="Dataset">The name of the dataset.</param>
/// <param name="RowCount">The number of rows that were read.</param>
/// <param name="ConstraintCount">The number of constraints that were checked.</param>
/// <param name="Findings">The violated constraints, in the order of the columns.</param>
public sealed record DataValidationReport(string Dataset, long RowCount, int ConstraintCount, IReadOnlyList<ValidationFinding> Findings)
{
    /// <summary>Gets what the report comes to: <see cref="ValidationVerdict.Fail"/> with an error, <see cref="ValidationVerdict.Warn"/> with a warning.</summary>
    public ValidationVerdict Verdict => Findings.Count == 0 ? ValidationVerdict.Pass
        : Findings.Any(finding => finding.Severity == ValidationSeverity.Error) ? ValidationVerdict.Fail
        : ValidationVerdict.Warn;

    /// <summary>Gets the environment that the data were checked for; <see langword="null"/> for none in particular.</summary>
    public string? Environment { get; init; }

    /// <summary>Throws when the data must not be used.</summary>
    /// <returns>This report.</returns>
    /// <exception cref="DataValidationException">The verdict is <see cref="ValidationVerdict.Fail"/>.</exception>
    public DataValidationReport EnsureValid() => Verdict == ValidationVerdict.Fail ? throw new DataValidationException(this) : this;

    /// <summary>Writes the report as JSON.</summary>
    /// <returns>UTF-8 JSON.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DataValidationReportJson.Default.DataValidationReport);

    /// <summary>Reads a report from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The report.</returns>
    /// <exception cref="JsonException">The JSON is not a report.</exception>
    public static DataValidationReport FromJson(ReadOnlySpan<byte> json)
    {
        var report = JsonSerializer.Deserialize(json, DataValidationReportJson.Default.DataValidationReport);
        // What is null is not written, so a reader cannot ask for every parameter.
        return report is { Dataset: not null, Findings: not null } && report.Findings.All(finding => finding is { Message: not null, FirstRows: not null })
            ? report
            : throw new JsonException("The JSON holds no report: it needs a dataset and findings, each with a message.");
    }

    /// <summary>Writes the report as one HTML file that needs nothing else.</summary>
    /// <returns>The HTML, to be stored as UTF-8.</returns>
    public string ToHtml()
    {
        var report = new HtmlReport($"Data validation: {Dataset}");
        AddTo(report);
        return report.ToString();
    }

    /// <summary>Adds the report to another: the verdict, a chart of the shares of rows, and a table of the findings.</summary>
    /// <param name="report">The other report.</param>
    public void AddTo(HtmlReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        const int MaximumBars = 20;
        report.AddNotice(Verdict switch
        {
            ValidationVerdict.Pass => "Passed: the data are as the schema expects.",
            ValidationVerdict.Warn => "Passed with warnings: the data may be used; something should be looked at.",
            _ => "Failed: the data must not be used.",
        });
        report.AddTable(
            ["Rows", "Constraints", "Errors", "Warnings", "Environment"],
            [[HtmlReport.Format(RowCount), HtmlReport.Format(ConstraintCount), Count(ValidationSeverity.Error), Count(ValidationSeverity.Warning), Environment ?? "–"]],
            "What was checked");
        if (Findings.Count == 0) return;
        var shares = Findings.Where(finding => finding.ViolationCount > 0).OrderByDescending(finding => finding.ViolationRatio).Take(MaximumBars).ToArray();
        if (shares.Length > 0)
        {
            var chart = new BarChart("Rows that violate a constraint, in percent of those judged, the most first");
            foreach (var finding in shares) chart.AddBar($"{finding.Column ?? "(dataset)"}: {finding.Kind}", 100 * finding.ViolationRatio);
            report.AddChart(chart);
        }

        report.AddTable(
            ["Column", "Severity", "What", "Finding", "Rows", "First rows"],
            Findings.Select(finding => new[]
            {
                finding.Column ?? "(dataset)",
                finding.Severity.ToString().ToLowerInvariant(),
                finding.Kind.ToString(),
                finding.Message,
                finding.ViolationCount == 0 ? "–" : HtmlReport.Format(finding.ViolationCount),
                string.Join(", ", finding.FirstRows),
            }),
            "Findings (rows are counted from 0)");

        string Count(ValidationSeverity severity) => HtmlReport.Format(Findings.Count(finding => finding.Severity == severity));
    }

    /// <summary>Writes the report for people.</summary>
    /// <returns>One line for the verdict and one for each finding.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Dataset}: {Verdict.ToString().ToUpperInvariant()} – {RowCount:N0} rows, {ConstraintCount} constraints, {Findings.Count} violated");
        foreach (var finding in Findings) text.Append("\n  ").Append(finding);

        return text.ToString();
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(DataValidationReport))]
internal sealed partial class DataValidationReportJson : JsonSerializerContext;
