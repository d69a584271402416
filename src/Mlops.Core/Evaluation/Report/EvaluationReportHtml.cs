using System.Globalization;
using Mlops.Reports;

namespace Mlops.Evaluation;

/// <summary>Writes an <see cref="EvaluationReport"/> as HTML.</summary>
internal static class EvaluationReportHtml
{
    private const int ShownSlices = 40;
    private const int ShownFeatures = 25;
    private const int ShownClasses = 30;

    public static void AddTo(HtmlReport html, EvaluationReport report)
    {
        html.AddText(EvaluationReportText.Title(report) + ".");
        if (EvaluationReportText.LeftOut(report) is { } leftOut) html.AddNotice(char.ToUpperInvariant(leftOut[0]) + leftOut[1..] + ".");
        if (report.WorstSlice is { IsFinding: true } worst) html.AddNotice($"The model is worse where {worst.Name}: {Figure(worst.Metric)} against {Figure(worst.Rest)} elsewhere ({worst.Metric.Name}).");
        AddMetrics(html, report);
        AddCurves(html, report);
        AddClasses(html, report);
        AddResiduals(html, report);
        AddSlices(html, report);
        AddFairness(html, report);
        AddThreshold(html, report);
        AddImportance(html, report);
    }

    private static void AddMetrics(HtmlReport html, EvaluationReport report)
    {
        html.AddHeading("Figures").AddTable(
            ["Metric", "Value", "Interval", "Better"],
            report.Metrics.Select(metric => (IReadOnlyList<string>)[metric.Name, Figure(metric), Interval(metric.Interval), metric.Value is null ? metric.UndefinedReason ?? "" : metric.Direction == Tracking.MetricDirection.Minimize ? "lower" : "higher"]),
            report.Metrics.FirstOrDefault(metric => metric.Interval is not null)?.Interval is { } interval ? string.Create(CultureInfo.InvariantCulture, $"Intervals hold the true value with a probability of {100 * interval.Level:0.##} % (bootstrap)") : null);
    }

    private static void AddCurves(HtmlReport html, EvaluationReport report)
    {
        if (report is { Roc: null, PrecisionRecall: null, Calibration: null, Lift: null }) return;
        html.AddHeading("Curves");
        if (report.Roc is { UndefinedReason: null } roc)
            html.AddChart(new CurveChart("ROC", "false positive rate", "true positive rate").AddCurve("model", roc.Points.Select(point => (point.FalsePositiveRate, point.TruePositiveRate))).AddReference("chance", (0, 0), (1, 1)));
        else if (report.Roc is { } none) html.AddText($"There is no ROC curve: {none.UndefinedReason}.");
        if (report.PrecisionRecall is { UndefinedReason: null } curve)
            html.AddChart(new CurveChart("Precision and recall", "recall", "precision").AddCurve("model", curve.Points.Select(point => (point.Recall, point.Precision)).Reverse(), isStepped: true).AddReference("all rows taken", (0, curve.Points.Min(point => point.Precision)), (1, curve.Points.Min(point => point.Precision))));
        if (report.Calibration is { UndefinedReason: null } calibration)
            html.AddChart(new CurveChart("Calibration", "mean predicted probability", "observed share").AddCurve("model", calibration.Bins.Select(bin => (bin.MeanPredicted, bin.ObservedRate))).AddPoints("bins", calibration.Bins.Select(bin => (bin.MeanPredicted, bin.ObservedRate))).AddReference("perfect", (0, 0), (1, 1)));
        if (report.Lift is { UndefinedReason: null } lift)
            html.AddChart(new CurveChart("Gain", "share of the rows, by descending score", "share of the positive rows").AddCurve("model", lift.Points.Select(point => (point.Share, point.Gain))).AddReference("chance", (0, 0), (1, 1)));
    }

    private static void AddClasses(HtmlReport html, EvaluationReport report)
    {
        if (report.Confusion is not { } confusion) return;
        html.AddHeading("Classes");
        if (confusion.Classes.Count <= ShownClasses)
            html.AddMatrix("true \\ predicted", confusion.Classes, [.. confusion.Classes.Select((name, i) => (name, confusion.Weights[i]))], "Confusion matrix at the most probable class; shades are shares of the true class");
        if (report.Classes.Count > 0)
        {
            html.AddTable(
                ["Class", "Weight", .. report.Classes[0].Metrics.Select(metric => metric.Name)],
                report.Classes.Take(ShownClasses).Select(result => (IReadOnlyList<string>)[result.Name, HtmlReport.Format(result.Weight), .. result.Metrics.Select(Figure)]),
                report.Classes.Count > ShownClasses ? string.Create(CultureInfo.InvariantCulture, $"The first {ShownClasses} of {report.Classes.Count} classes") : null);
        }
    }

    private static void AddResiduals(HtmlReport html, EvaluationReport report)
    {
        if (report.Residuals is not { UndefinedReason: null, Bins.Count: > 0 } residuals) return;
        var (low, high) = (residuals.Bins.Min(bin => bin.MeanPrediction), residuals.Bins.Max(bin => bin.MeanPrediction));
        html.AddHeading("Residuals")
            .AddChart(new CurveChart("Predicted and actual, means of bins of about as many rows", "predicted", "actual").AddPoints("bins", residuals.Bins.Select(bin => (bin.MeanPrediction, bin.MeanPrediction - bin.MeanResidual))).AddReference("perfect", (low, low), (high, high)))
            .AddChart(new CurveChart("Residuals (predicted − actual) by prediction", "predicted", "residual")
                .AddCurve("median", residuals.Bins.Select(bin => (bin.MeanPrediction, bin.Median)))
                .AddCurve("5 %", residuals.Bins.Select(bin => (bin.MeanPrediction, bin.Quantile05)))
                .AddCurve("95 %", residuals.Bins.Select(bin => (bin.MeanPrediction, bin.Quantile95)))
                .AddReference("none", (low, 0), (high, 0)));
    }

    private static void AddSlices(HtmlReport html, EvaluationReport report)
    {
        if (report.Slices.Count > 0)
        {
            html.AddHeading("Slices").AddTable(
                ["Slice", "Rows", "Share", report.Slices[0].Metrics[0].Name, "Interval"],
                report.Slices.Take(ShownSlices).Select(slice => (IReadOnlyList<string>)[slice.Name, slice.RowCount.ToString("N0", CultureInfo.InvariantCulture), Percent(slice.Ratio), Figure(slice.Metrics[0]), slice.Metrics[0].Value is null ? slice.Metrics[0].UndefinedReason ?? "" : Interval(slice.Metrics[0].Interval)]),
                report.Slices.Count > ShownSlices ? string.Create(CultureInfo.InvariantCulture, $"The worst {ShownSlices} of {report.Slices.Count} slices") : "The worst slice first");
        }

        if (report.WorstSlice is not { } worst) return;
        html.AddHeading("Worst slice found")
            .AddText($"{worst.Name}. {(worst.IsFinding ? "The model is worse there beyond chance." : "The difference may be chance.")} One half of the rows was searched, the other half judged:")
            .AddTable(
                ["Rows", "Number", worst.Metric.Name, "Interval"],
                [
                    ["of the slice", worst.RowCount.ToString("N0", CultureInfo.InvariantCulture), Figure(worst.Metric), Interval(worst.Metric.Interval)],
                    ["all others", "–", Figure(worst.Rest), ""],
                    ["gap", "–", worst.Gap is { } gap ? HtmlReport.Format(gap) : "–", Interval(worst.GapInterval)],
                    ["of the slice, where it was found", "–", Figure(worst.Found), ""],
                ]);
    }

    private static void AddFairness(HtmlReport html, EvaluationReport report)
    {
        foreach (var fairness in report.Fairness)
        {
            html.AddHeading($"Fairness by {fairness.Column}")
                .AddText("Groups of too few rows to judge are left out. An interval between groups that reaches 0, or 1 of a ratio, says that they may be treated alike.")
                .AddTable(
                    ["Group", "Weight", "Selected", "True positive rate", "False positive rate", "Right"],
                    fairness.Groups.Select(group => (IReadOnlyList<string>)[group.Group, HtmlReport.Format(group.Weight), Percent(group.SelectionRate.ValueOrNull), Percent(group.TruePositiveRate.ValueOrNull), Percent(group.FalsePositiveRate.ValueOrNull), Percent(group.Accuracy.ValueOrNull)]))
                .AddTable(
                    ["Between groups", "Value", "Interval"],
                    fairness.Metrics.Select(metric => (IReadOnlyList<string>)[metric.Name.Replace('_', ' '), Figure(metric), metric.Value is null ? metric.UndefinedReason ?? "" : Interval(metric.Interval)]));
        }
    }

    private static void AddThreshold(HtmlReport html, EvaluationReport report)
    {
        if (report.Threshold is not { } threshold) return;
        html.AddHeading("Threshold").AddText($"The threshold of the least expected cost ({threshold.Costs}), chosen on one half of the rows and judged on the other.")
            .AddTable(
                ["Threshold", "Judged on", "Cost of a row", "Precision", "Recall", "Selected"],
                new[] { (threshold.Judged, "other rows"), (threshold.Chosen, "rows it was chosen on"), (threshold.Default, "other rows") }.Select(pair => (IReadOnlyList<string>)
                [
                    double.IsFinite(pair.Item1.Threshold) ? HtmlReport.Format(pair.Item1.Threshold) : "never", pair.Item2, pair.Item1.ExpectedCost is { } cost ? HtmlReport.Format(cost) : "–", Percent(pair.Item1.Precision), Percent(pair.Item1.Recall), Percent(pair.Item1.SelectionRate),
                ]))
            .AddMatrix(
                "true \\ decided", ["not taken", "taken"],
                [("other", [threshold.Judged.TrueNegatives, threshold.Judged.FalsePositives]), ("positive", [threshold.Judged.FalseNegatives, threshold.Judged.TruePositives])], "Decisions at the chosen threshold, other rows");
    }

    private static void AddImportance(HtmlReport html, EvaluationReport report)
    {
        if (report.Importance.Count == 0) return;
        var chart = new BarChart("By how much the score gets worse when a feature is shuffled");
        foreach (var feature in report.Importance.Where(feature => feature.UndefinedReason is null).Take(ShownFeatures)) chart.AddBar(feature.Feature, feature.Mean);
        html.AddHeading("Importance");
        if (report.Importance.Any(feature => feature.UndefinedReason is null)) html.AddChart(chart);
        html.AddTable(
            ["Feature", "Importance", "Standard deviation"],
            report.Importance.Take(ShownFeatures).Select(feature => (IReadOnlyList<string>)[feature.Feature, feature.UndefinedReason ?? HtmlReport.Format(feature.Mean), feature.UndefinedReason is null ? HtmlReport.Format(feature.StandardDeviation) : "–"]),
            report.Importance.Count > ShownFeatures ? string.Create(CultureInfo.InvariantCulture, $"The first {ShownFeatures} of {report.Importance.Count} features") : null);
    }

    private static string Figure(EvaluationMetric metric) => metric.Value is { } value ? HtmlReport.Format(value) : "undefined";

    private static string Interval(ConfidenceInterval? interval) => interval is { } known ? $"{HtmlReport.Format(known.Lower)} to {HtmlReport.Format(known.Upper)}" : "–";

    private static string Percent(double? ratio) => ratio is { } known ? (100 * known).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "–";
}
