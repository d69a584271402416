using System.Globalization;
using System.Text;
using Mlops.Reports;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Writes reports of gates for people.</summary>
internal static class ModelReportText
{
    private const double LeastShown = 0.0001;

    private static readonly string[] s_headers = ["Figure", "Slice", "Verdict", "Rows", "Candidate", "Compared with", "Gain [interval]", "p", "Note"];

    /// <summary>Writes what an exception may say: the reasons of what failed, which hold no value of the data.</summary>
    public static string Reasons(ModelValidationReport report)
    {
        var failed = report.Checks.Where(check => check.Verdict == ValidationVerdict.Fail).Select(check => $"{check.Validator}: {check.Reason}").ToArray();
        return failed.Length == 0 ? "The model may not be promoted: no gate judged it." : $"The model may not be promoted: {string.Join("; ", failed)}.";
    }

    public static string Write(ModelValidationReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"gates: {GateText.Name(report.Verdict).ToUpperInvariant()} – {Count(report)}; {GateText.Rows(report.Candidate.RowCount)}, {report.Candidate}");
        foreach (var check in report.Checks)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {Status(check),-8} {check.Validator}: {check.Reason}");
            foreach (var figure in check.Figures.Where(figure => figure.Verdict > ValidationVerdict.Pass))
                text.Append(CultureInfo.InvariantCulture, $"\n  {"",-8}   {GateText.Name(figure.Verdict)}: {figure}");
        }

        return text.ToString();
    }

    public static void AddTo(HtmlReport html, ModelValidationReport report)
    {
        var sentence = $"Verdict: {GateText.Name(report.Verdict)}. {Count(report)}.";
        if (report.Verdict > ValidationVerdict.Pass) html.AddNotice(sentence);
        else html.AddText(sentence);
        html.AddText($"Judged by {GateText.Rows(report.Candidate.RowCount)}: {report.Candidate}.");
        html.AddTable(["Verdict", "Gate", "Reason"], report.Checks.Select(check => (IReadOnlyList<string>)[Status(check), check.Validator, check.Reason]), "Gates", "Verdict");
        foreach (var check in report.Checks.Where(check => check.Figures.Count > 0))
        {
            html.AddHeading($"{check.Validator}: {Status(check)}");
            var levels = check.Figures.Where(figure => figure.Interval is not null).Select(figure => GateText.Percent(figure.Interval!.Value.Level)).Distinct();
            var tails = check.Figures.Any(figure => figure.PValue is not null && figure.Slice is not null) ? ["p is the probability of such a gain by chance over all rows, and of such a loss in a slice."] : (string[])[];
            html.AddText(string.Join("\n", levels.Select(level => $"Intervals hold the true gain with a probability of {level}.").Prepend(check.Reason).Concat(tails)));
            var rows = check.Figures.Select(figure => Row(figure, check.Figures.Any(other => other.Slice is not null))).ToArray();
            // A column that says nothing, or the same of each figure, would only make the table too wide to read.
            var isOne = rows.Length > 1 && Array.TrueForAll(rows, row => row[0] == rows[0][0]);
            var columns = Enumerable.Range(isOne ? 1 : 0, s_headers.Length - (isOne ? 1 : 0)).Where(column => Array.Exists(rows, row => row[column].Length > 0)).ToArray();
            html.AddTable(
                [.. columns.Select(column => s_headers[column])], rows.Select(row => (IReadOnlyList<string>)[.. columns.Select(column => row[column])]),
                isOne ? $"{check.Validator}: {rows[0][0]}" : $"{check.Validator}: figures", "Verdict");
        }
    }

    /// <summary>Names what a check came to as people say it.</summary>
    public static string Status(ModelCheck check) => check.IsSkipped ? "skipped" : GateText.Name(check.Verdict);

    private static string[] Row(ModelCheckFigure figure, bool hasSlices) =>
    [
        figure.Name, figure.Slice ?? (hasSlices ? "all rows" : ""), GateText.Name(figure.Verdict), figure.Rows is { } rows ? rows.ToString("N0", CultureInfo.InvariantCulture) : "",
        Number(figure.Value, figure.Unit), figure.Value is null ? "" : $"{figure.Reference} {Number(figure.ReferenceValue, figure.Unit)}".Trim(), Gain(figure),
        figure.PValue is < LeastShown ? "< 0.0001" : Number(figure.PValue, ""), figure.Note ?? "",
    ];

    private static string Gain(ModelCheckFigure figure) => figure.Interval is { } interval
        ? $"{Number(figure.Gain, figure.Unit)} [{GateText.Figure(interval.Lower, figure.Unit)}, {GateText.Figure(interval.Upper, figure.Unit)}]"
        : Number(figure.Gain, figure.Unit);

    private static string Number(double? value, string unit) => value is { } known ? GateText.Figure(known, unit) : "";

    private static string Count(ModelValidationReport report)
    {
        var total = Wording.Count(report.Checks.Count, "gate");
        var counts = report.Checks.GroupBy(Status).OrderByDescending(group => group.Max(check => check.Verdict)).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}"));
        return report.Checks.Count == 0 ? "no gate" : $"{total}: {string.Join(", ", counts)}";
    }
}
