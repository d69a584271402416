using System.Globalization;
using System.Text;
using Mlops.Reports;

namespace Mlops.Validation;

/// <summary>Writes reports of suites for people.</summary>
internal static class SuiteReportText
{
    /// <summary>Names a status as people say it.</summary>
    public static string Name(CheckStatus status) => status == CheckStatus.NotApplicable ? "not applicable" : status.ToString().ToLowerInvariant();

    /// <summary>Orders results, the worst first; equally bad ones as the suite has them.</summary>
    public static IEnumerable<CheckResult> WorstFirst(IEnumerable<CheckResult> results) => results.OrderByDescending(result => result.Status);

    public static string Write(ValidationSuiteReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Suite}: {Name(report.Status).ToUpperInvariant()} – {Count(report)}");
        if (report.Datasets.Count > 0) text.Append(CultureInfo.InvariantCulture, $" ({List(report)})");
        foreach (var result in WorstFirst(report.Results))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {Name(result.Status),-14} {result.Check}: {result.Summary}");
            if (result.Status == CheckStatus.Pass && Measured(result) is { Length: > 0 } measured) text.Append(CultureInfo.InvariantCulture, $" ({measured})");
            foreach (var condition in result.Conditions.Where(condition => condition.Status > CheckStatus.Pass))
                text.Append(CultureInfo.InvariantCulture, $"\n  {"",-14}   {Name(condition.Status)}: {condition.Expected} – {condition.Measured}");
        }

        return text.ToString();
    }

    /// <summary>Gathers what the conditions of a check measured.</summary>
    public static string Measured(CheckResult result) => string.Join("; ", result.Conditions.Select(condition => condition.Measured).Where(measured => !result.Summary.Contains(measured, StringComparison.Ordinal)));

    public static void AddTo(HtmlReport html, ValidationSuiteReport report)
    {
        var sentence = $"{report.Suite}: {Count(report)}.";
        if (report.Status > CheckStatus.Pass) html.AddNotice(sentence);
        else html.AddText(sentence);
        if (report.Datasets.Count > 0) html.AddText($"Data: {List(report)}.");
        var ordered = WorstFirst(report.Results).ToArray();
        html.AddTable(["Status", "Check", "Found", "Conditions", "Seconds"], ordered.Select(result => (IReadOnlyList<string>)
            [Name(result.Status), result.Check, result.Summary, Met(result), HtmlReport.Format(result.Duration.TotalSeconds)]), "Overview", "Status");
        // What had nothing to look at is in the overview, and there is no more to say of it.
        foreach (var result in ordered.Where(result => result.Status != CheckStatus.NotApplicable))
        {
            html.AddHeading($"{result.Check}: {Name(result.Status)}");
            if (result.Description.Length > 0) html.AddText(result.Description);
            html.AddText(result.Summary);
            if (result.Conditions.Count > 0)
            {
                html.AddTable(["Condition", "Status", "Measured"], result.Conditions.OrderByDescending(condition => condition.Status)
                    .Select(condition => (IReadOnlyList<string>)[condition.Expected, Name(condition.Status), condition.Measured]), "Conditions");
            }

            foreach (var table in result.Tables) html.AddTable(table.Headers, table.Rows, table.Title);
        }
    }

    private static string Met(CheckResult result) => result.Conditions.Count == 0 ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{result.Conditions.Count(condition => condition.Status <= CheckStatus.Pass)} of {result.Conditions.Count} met");

    /// <summary>Counts the checks by what they came to: <c>15 checks: 2 fail, 13 pass</c>.</summary>
    private static string Count(ValidationSuiteReport report)
    {
        var total = Wording.Count(report.Results.Count, "check");
        var counts = report.Results.GroupBy(result => result.Status).OrderByDescending(group => group.Key)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {Name(group.Key)}"));
        return report.Results.Count == 0 ? total : $"{total}: {string.Join(", ", counts)}";
    }

    private static string List(ValidationSuiteReport report)
        => string.Join("; ", report.Datasets.Select(dataset => string.Create(CultureInfo.InvariantCulture, $"{dataset.Part} {dataset.Name}, {dataset.RowCount:N0} rows")));
}
