using Mlops.Reports;

namespace Mlops.Monitoring;

/// <summary>Shows drift in reports.</summary>
public static class HtmlReportDriftExtensions
{
    private const int MaximumBars = 20;
    private const int MaximumRows = 1000;

    // With the style sheet and the tables of so many columns, a file stays below one megabyte.
    private const int MaximumBytes = 850_000;

    // In names and reasons.
    private const int MaximumName = 60;
    private const int MaximumReason = 300;

    /// <summary>Adds what a drift report found: a sentence, a chart of what drifted, a table, and each column with its distributions, drift first.</summary>
    /// <param name="report">The report.</param>
    /// <param name="drift">The drift report.</param>
    /// <returns>The report.</returns>
    public static HtmlReport AddDrift(this HtmlReport report, DriftReport drift)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(drift);
        report.AddText($"{Shorten(drift.ToString(), 2 * MaximumReason)}. Reference: {HtmlReport.Format(drift.ReferenceRowCount)} rows; current: {HtmlReport.Format(drift.CurrentRowCount)} rows.");
        if (!drift.HasTested) report.AddNotice("Nothing could be tested, so this report does not say that there is no drift. The table gives the reason for each column.");
        AddRules(report, drift);
        AddOverview(report, drift);
        AddUntold(report, drift);
        return AddColumns(report, drift);
    }

    /// <summary>Says by what the verdicts were reached: p-values are corrected, rules of other tools decide by themselves.</summary>
    private static void AddRules(HtmlReport report, DriftReport drift)
    {
        var corrected = drift.Findings.Count(finding => finding.AdjustedPValue is not null);
        if (corrected > 0)
        {
            report.AddText($"Drift is what is more than chance and more than what matters: significance {HtmlReport.Format(drift.Significance)}, corrected for {HtmlReport.Format(corrected)} tests ({drift.Correction}), "
                + "and an effect of at least the test's minimum.");
        }

        var own = drift.Findings.Count(finding => finding is { Verdict: DriftVerdict.Drift or DriftVerdict.NoDrift, AdjustedPValue: null });
        if (own > 0) report.AddText($"{(corrected > 0 ? $"{HtmlReport.Format(own)} other tests decided" : "The tests decided")} each by its own limit, as the reasons say: neither the correction for the number of tests nor the significance of the report applies to them.");
    }

    private static void AddOverview(HtmlReport report, DriftReport drift)
    {
        var drifted = drift.Findings.Where(finding => finding is { Verdict: DriftVerdict.Drift, RelativeEffect: not null } && (finding.AdjustedPValue is not null || finding.MinimumEffect > 0)).ToArray();
        if (drifted.Length > 0)
        {
            var chart = new BarChart(drifted.Length > MaximumBars ? $"How much the {MaximumBars} most drifted differ, in minimum effects" : "How much the drifted differ, in minimum effects").SetThreshold("minimum effect", 1);
            foreach (var finding in drifted.Take(MaximumBars)) chart.AddBar(Name(finding), finding.RelativeEffect!.Value);
            report.AddChart(chart);
        }

        var told = drift.Findings.Where(finding => finding.Verdict is DriftVerdict.Drift or DriftVerdict.NoDrift).ToArray();
        if (told.Length == 0) return;
        report.AddTable(
            ["Column", "Verdict", "Effect", "Minimum", "p, corrected", "Test"],
            told.Take(MaximumRows).Select(finding => new[]
            {
                Name(finding), Describe(finding.Verdict), Format(finding.Result.Effect), Format(finding.MinimumEffect), FormatPValue(finding.AdjustedPValue), finding.Result.Test,
            }),
            "Findings", "Verdict");
        if (told.Length > MaximumRows) report.AddText($"{HtmlReport.Format(told.Length - MaximumRows)} more findings are left out; the JSON has them.");
    }

    private static void AddUntold(HtmlReport report, DriftReport drift)
    {
        var untold = drift.Findings.Where(finding => finding.Verdict is not (DriftVerdict.Drift or DriftVerdict.NoDrift)).ToArray();
        if (untold.Length == 0) return;
        report.AddTable(
            ["Column", "Verdict", "Reason", "Test"],
            untold.Take(MaximumRows).Select(finding => new[] { Name(finding), Describe(finding.Verdict), Shorten(finding.Result.Reason, MaximumReason), finding.Result.Test }),
            "What could not be told", "Verdict");
        if (untold.Length > MaximumRows) report.AddText($"{HtmlReport.Format(untold.Length - MaximumRows)} more are left out; the JSON has them.");
    }

    private static HtmlReport AddColumns(HtmlReport report, DriftReport drift)
    {
        var columns = drift.Findings.Where(finding => finding.Result.Effect is not null || finding.Distributions is not null).GroupBy(finding => finding.Column, StringComparer.Ordinal).ToArray();
        var (all, isBlocking) = (drift.Findings.ToLookup(finding => finding.Column, StringComparer.Ordinal), drift.GetBlocking());
        for (var i = 0; i < columns.Length; i++)
        {
            if (report.CountBytes() > MaximumBytes)
            {
                return report.AddHeading("More columns").AddText(
                    $"The distributions of {columns.Length - i} more columns are left out, so that the file stays small; the tables and the JSON have their figures.");
            }

            report.AddHeading($"{ShortenName(columns[i].Key)}: {DescribeColumn(all[columns[i].Key], isBlocking)}");
            foreach (var finding in columns[i].OrderBy(finding => finding.Kind))
            {
                if (finding.Distributions is { } distributions) report.AddChart(Draw(finding, distributions));
                report.AddText(Explain(finding));
            }
        }

        return report;
    }

    private static ShareChart Draw(DriftFinding finding, ColumnDistributions distributions)
    {
        var chart = new ShareChart($"{ShortenName(finding.Column)}, {distributions.Quantity}: share of the rows", "reference", "current");
        for (var i = 0; i < distributions.Reference.Count; i++)
            chart.AddBar(i < distributions.Categories.Count ? distributions.Categories[i] : "", distributions.Reference[i], distributions.Current[i]);
        return distributions.Edges.Count > 0 ? chart.SetEdges(distributions.Edges) : chart;
    }

    private static string Explain(DriftFinding finding)
    {
        var result = finding.Result;
        if (result.Effect is null) return $"{result.Test}: {Shorten(result.Reason, MaximumReason)}";
        var interval = result.EffectInterval is { } bounds ? $" ({HtmlReport.Format(bounds.Lower)} to {HtmlReport.Format(bounds.Upper)} at {HtmlReport.Format(100 * bounds.Level)} %)" : "";
        var threshold = result.Threshold is null ? "" : $"\n{(finding.AdjustedPValue is null ? "Drift" : "Certain drift")} from an effect of {Format(result.Threshold)}: {result.ThresholdSource}."
            + (finding.Verdict == DriftVerdict.Drift && result.Effect < result.Threshold ? " This one is smaller, and drift by its p-value." : "");
        var pValues = result.PValue is null ? "" : $", p {FormatPValue(result.PValue)}{(finding.AdjustedPValue is null ? "" : $", corrected {FormatPValue(finding.AdjustedPValue)}")}";
        return $"{result.Test}, {HtmlReport.Format(result.ReferenceCount)} and {HtmlReport.Format(result.CurrentCount)} values: statistic {Format(result.Statistic)}{pValues}, effect {Format(result.Effect)}{interval}.{threshold}\n{Shorten(result.Reason, MaximumReason)}";
    }

    private static string Name(DriftFinding finding) => finding.Kind == DriftFindingKind.MissingValues ? $"{ShortenName(finding.Column)} (missing)" : ShortenName(finding.Column);

    internal static string ShortenName(string column) => Shorten(column, MaximumName);

    private static string Shorten(string text, int length) => text.Length <= length ? text : $"{text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)]}…";

    private static string FormatPValue(double? pValue) => pValue is { } p ? DriftFigures.FormatSmallPValue(p) : Format(null);

    private static string Format(double? value) => HtmlReport.Format(value ?? double.NaN);

    /// <summary>Says what drifted or, where something could not be told, that: no drift in the missing values is no news of the others.</summary>
    private static string DescribeColumn(IEnumerable<DriftFinding> findings, Func<DriftFinding, bool> isBlocking)
    {
        var verdict = findings.Min(finding => finding.Verdict);
        if (findings.FirstOrDefault(isBlocking) is not { } untold) return Describe(verdict);
        return verdict == DriftVerdict.Drift ? $"drift; otherwise {Describe(untold.Verdict)}" : Describe(untold.Verdict);
    }

    private static string Describe(DriftVerdict verdict) => verdict switch
    {
        DriftVerdict.Drift => "drift",
        DriftVerdict.NoDrift => "no drift",
        DriftVerdict.NotEnoughData => "not enough data",
        _ => "not computable",
    };
}
