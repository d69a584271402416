using System.Globalization;
using System.Text;

namespace Mlops.Evaluation;

/// <summary>Writes an <see cref="EvaluationReport"/> as text.</summary>
internal static class EvaluationReportText
{
    private const int Shown = 3;

    public static string Write(EvaluationReport report)
    {
        var text = new StringBuilder(Title(report));
        foreach (var metric in report.Metrics) text.Append("\n  ").Append(metric);
        if (LeftOut(report) is { } leftOut) text.Append("\n  ").Append(leftOut);
        foreach (var slice in report.Slices.Where(slice => slice.Metrics is [{ Value: not null }, ..]).Take(Shown))
            text.Append(CultureInfo.InvariantCulture, $"\n  slice {slice.Name} ({slice.RowCount:N0} rows): {slice.Metrics[0]}");
        if (report.WorstSlice is { } worst) text.Append("\n  worst slice found: ").Append(worst);
        foreach (var fairness in report.Fairness) text.Append("\n  fairness by ").Append(fairness.Column).Append(": ").AppendJoin(", ", fairness.Metrics.Take(Shown));
        if (report.Threshold is { } threshold) text.Append("\n  threshold by cost ").Append(threshold);
        if (report.Importance.Count > 0) text.Append("\n  important: ").AppendJoin(", ", report.Importance.Take(Shown));
        return text.ToString();
    }

    public static string Title(EvaluationReport report) => string.Create(CultureInfo.InvariantCulture, $"{report.Model} on {report.RowCount:N0} rows of {report.Dataset}{(report.PositiveClass is { } positive ? $", positive class '{positive}'" : "")}");

    /// <summary>Says which rows were not judged; <see langword="null"/> where all were.</summary>
    public static string? LeftOut(EvaluationReport report)
    {
        (long Count, string Why)[] reasons = [(report.MissingLabelCount, "without a label"), (report.UnknownLabelCount, "of a class that the model does not know"), (report.MissingPredictionCount, "without a finite prediction"), (report.UnweightedCount, "without a weight above 0")];
        var said = reasons.Where(reason => reason.Count > 0).Select(reason => string.Create(CultureInfo.InvariantCulture, $"{reason.Count:N0} {reason.Why}")).ToArray();
        return said.Length == 0 ? null : $"rows left out: {string.Join(", ", said)}";
    }
}
