using Mlops.Reports;

namespace Mlops.Monitoring;

/// <summary>Shows drift in reports.</summary>
public static class HtmlReportDriftExtensions
{
    private const int MaximumBars = 20;

    /// <summary>Adds what a drift report found: a sentence, a chart of the effects, and a table.</summary>
    /// <param name="report">The report.</param>
    /// <param name="drift">The drift report.</param>
    /// <returns>The report.</returns>
    public static HtmlReport AddDrift(this HtmlReport report, DriftReport drift)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(drift);
        report.AddText($"{drift}. Reference: {HtmlReport.Format(drift.ReferenceRowCount)} rows; current: {HtmlReport.Format(drift.CurrentRowCount)} rows.");
        if (!drift.HasTested) report.AddNotice("Nothing could be tested, so this report does not say that there is no drift. The table gives the reason for each column.");
        var chart = new BarChart("Size of the difference, the largest first");
        foreach (var finding in drift.Findings.Where(finding => finding.Result.Effect is not null).OrderByDescending(finding => finding.Result.Effect).Take(MaximumBars))
            chart.AddBar(finding.Result.Test == "missing-values" ? $"{finding.Column} (missing)" : finding.Column, finding.Result.Effect!.Value);
        return report.AddChart(chart).AddTable(
            ["Column", "Verdict", "Test", "Effect", "p, corrected", "Reason"],
            drift.Findings.Select(finding => new[]
            {
                finding.Column,
                Describe(finding.Verdict),
                finding.Result.Test,
                HtmlReport.Format(finding.Result.Effect ?? double.NaN),
                HtmlReport.Format(finding.AdjustedPValue ?? double.NaN),
                finding.Result.Reason,
            }));
    }

    private static string Describe(DriftVerdict verdict) => verdict switch
    {
        DriftVerdict.Drift => "drift",
        DriftVerdict.NoDrift => "no drift",
        DriftVerdict.NotEnoughData => "not enough data",
        _ => "not computable",
    };
}
