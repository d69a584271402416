using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Reports;

namespace Mlops.Validation;

/// <summary>The personal data that were found in a dataset. Holds no value of the data.</summary>
/// <param name="Dataset">The name of the dataset.</param>
/// <param name="RowCount">The number of rows that were read.</param>
/// <param name="Findings">What was found, in the order of the columns and of the kinds.</param>
public sealed record PiiReport(string Dataset, long RowCount, IReadOnlyList<PiiFinding> Findings)
{
    /// <summary>Gets whether nothing was found.</summary>
    [JsonIgnore]
    public bool IsClean => Findings.Count == 0;

    /// <summary>Gets the columns in which something was found, each once: what to mask.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Columns => [.. Findings.Select(finding => finding.Column).Distinct(StringComparer.Ordinal)];

    /// <summary>Writes the report as JSON.</summary>
    /// <returns>UTF-8 JSON.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PiiReportJson.Default.PiiReport);

    /// <summary>Writes the report as one HTML file that needs nothing else.</summary>
    /// <returns>The HTML, to be stored as UTF-8.</returns>
    public string ToHtml()
    {
        var report = new HtmlReport($"Personal data: {Dataset}");
        AddTo(report);
        return report.ToString();
    }

    /// <summary>Adds the report to another: what was found, column by column.</summary>
    /// <param name="report">The other report.</param>
    public void AddTo(HtmlReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (IsClean) report.AddText(ToString());
        else report.AddNotice(ToString().Split('\n')[0]);
        if (IsClean) return;
        report.AddTable(
            ["Column", "Kind", "Rows", "Share", "Confidence", "First rows"],
            Findings.Select(finding => (IReadOnlyList<string>)
            [
                finding.Column, finding.Kind.ToString(), HtmlReport.Format(finding.RowCount), $"{HtmlReport.Format(100 * finding.RowRatio)} %", HtmlReport.Format(finding.Confidence), string.Join(", ", finding.FirstRows),
            ]),
            "Findings (rows are counted from 0)");
    }

    /// <summary>Writes the report for people.</summary>
    /// <returns>One line for the dataset and one for each finding.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Dataset}: {(IsClean ? "no personal data found" : $"personal data in {Wording.Count(Columns.Count, "column")}")} – {RowCount:N0} rows");
        foreach (var finding in Findings)
        {
            text.Append("\n  ").Append(finding).Append(CultureInfo.InvariantCulture, $". First rows: {string.Join(", ", finding.FirstRows)}.");
        }

        return text.ToString();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PiiReport))]
internal sealed partial class PiiReportJson : JsonSerializerContext;
