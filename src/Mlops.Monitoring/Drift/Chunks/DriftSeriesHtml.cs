using Mlops.Reports;

namespace Mlops.Monitoring;

/// <summary>Shows a series: the columns that matter most as lines over the chunks, with their limits, and a table of the chunks.</summary>
internal static class DriftSeriesHtml
{
    private const int MaximumCharts = 40;
    private const int MaximumPoints = 15_000;
    private const int MaximumChunks = 1000;
    private const int MaximumRows = 200;

    // With the table of the chunks, whose names of columns may be escaped, a file stays below one megabyte.
    private const int MaximumBytes = 500_000;
    private const int MaximumNames = 5;

    public static HtmlReport Create(DriftSeries series)
    {
        var report = new HtmlReport("Drift over time").AddText($"{series}. Chunks: {series.Chunking}.{(series.LeftOutRows == 0 ? "" : $" {HtmlReport.Format(series.LeftOutRows)} rows belong to no chunk.")}");
        if (series.Points.Count == 0) return report;
        if (!series.Points.Any(point => point.Report.HasTested)) report.AddNotice("Nothing could be tested, so this report does not say that there is no drift.");
        var newest = series.Points.TakeLast(MaximumChunks).ToArray();
        var lines = newest.SelectMany(point => point.Report.Findings).Where(finding => finding.Result.Effect is not null)
            .GroupBy(finding => (finding.Column, finding.Result.Test))
            .Select(group => (group.Key, Drifts: group.Count(finding => finding.Verdict == DriftVerdict.Drift), Ratio: group.Max(GetRatio)))
            .OrderByDescending(line => line.Drifts).ThenByDescending(line => line.Ratio).ThenBy(line => line.Key.Column, StringComparer.Ordinal).ToArray();
        var shown = Math.Clamp(MaximumPoints / newest.Length, 5, MaximumCharts);
        report.AddHeading("Effects");
        if (series.Points.Count > MaximumChunks) report.AddText($"Of the last {HtmlReport.Format(MaximumChunks)} chunks; the JSON has all.");
        if (lines.Length > shown) report.AddText($"Up to {shown} of {HtmlReport.Format(lines.Length)} lines: those that drifted most often, or came closest to their limit.");
        for (var i = 0; i < Math.Min(shown, lines.Length); i++)
        {
            if (report.CountBytes() > MaximumBytes)
            {
                report.AddText($"{HtmlReport.Format(lines.Length - i)} lines are left out, so that the file stays small; the JSON has them.");
                break;
            }

            report.AddChart(CreateChart(newest, lines[i].Key.Column, lines[i].Key.Test));
        }

        return report.AddHeading("Chunks").AddTable(
            ["Chunk", "Rows", "Verdict", "Columns", "Significance"],
            series.Points.TakeLast(MaximumRows).Reverse().Select(point => new[]
            {
                point.Chunk.Name,
                HtmlReport.Format(point.Chunk.RowCount),
                point.Report.HasDrift ? "drift" : !point.Report.HasTested ? "not tested" : point.Report.UntestedColumnCount > 0 ? "no drift in what was tested" : "no drift",
                NameColumns(point.Report),
                HtmlReport.Format(point.Significance),
            }),
            series.Points.Count > MaximumRows ? $"The last {MaximumRows} of {series.Points.Count} chunks, the newest first" : "The newest first", "Verdict");
    }

    private static double GetRatio(DriftFinding finding) => finding.Result.Threshold is > 0 and var threshold ? finding.Result.Effect!.Value / threshold : 0;

    /// <summary>Names the columns that drifted and those that were not tested, in one cell: two would be too narrow on a phone.</summary>
    private static string NameColumns(DriftReport report)
    {
        var drifted = GetNames([.. report.Findings.Where(finding => finding.Verdict == DriftVerdict.Drift).Select(finding => finding.Column).Distinct(StringComparer.Ordinal)]);
        var untested = report.GetUntested();
        return untested.Length == 0 ? drifted : $"{drifted}{(drifted.Length == 0 ? "" : "; ")}not tested: {GetNames(untested)}";
    }

    private static string GetNames(string[] columns)
        => $"{string.Join(", ", columns.Take(MaximumNames).Select(HtmlReportDriftExtensions.ShortenName))}{(columns.Length > MaximumNames ? $" and {columns.Length - MaximumNames} more" : "")}";

    private static Chart CreateChart(DriftSeriesPoint[] shown, string column, string test)
    {
        var findings = shown.Select(point => point.Report.Findings.FirstOrDefault(finding => finding.Column == column && finding.Result.Test == test)).ToArray();
        var effects = findings.Select(finding => finding?.Result.Effect ?? double.NaN).ToArray();
        var limits = findings.Select(finding => finding?.Result.Threshold ?? double.NaN).ToArray();
        var drifts = findings.Select(finding => finding?.Verdict == DriftVerdict.Drift ? finding.Result.Effect!.Value : double.NaN).ToArray();
        // What decides by p-values may find smaller effects too.
        var limit = findings.Any(finding => finding?.AdjustedPValue is not null) ? "certain drift" : "limit";
        var title = $"{HtmlReportDriftExtensions.ShortenName(column)}: {test}";
        if (shown.All(point => point.Chunk.Start is not null))
        {
            var times = shown.Select(point => point.Chunk.Start!.Value).ToArray();
            IEnumerable<ChartPoint> At(double[] values) => times.Zip(values, (time, value) => new ChartPoint(time, value));
            var chart = new LineChart(title, "effect").AddSeries("effect", At(effects)).AddSeries(limit, At(limits));
            return drifts.Any(double.IsFinite) ? chart.AddMarks("drift", At(drifts)) : chart;
        }

        IEnumerable<(double X, double Y)> Points(double[] values) => shown.Zip(values, (point, value) => ((double)point.Chunk.Index, value));
        var curves = new CurveChart(title, "chunk", "effect").AddCurve("effect", Points(effects)).AddCurve(limit, Points(limits));
        return drifts.Any(double.IsFinite) ? curves.AddMarks("drift", Points(drifts)) : curves;
    }
}
