using System.Globalization;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Makes and words the conditions of checks of a model.</summary>
internal static class ModelConditions
{
    /// <summary>Makes a condition that can be judged.</summary>
    public static CheckCondition Judge(string expected, bool isMet, ValidationSeverity severity, string measured)
        => CheckCondition.Judge(expected, isMet, severity, measured);

    /// <summary>Makes a condition on a figure that may be undefined.</summary>
    public static CheckCondition Judge(string expected, double? figure, string? undefinedReason, Func<double, bool> isMet, ValidationSeverity severity, Func<double, string> measured)
        => figure is { } value ? Judge(expected, isMet(value), severity, measured(value)) : Undefined(expected, undefinedReason);

    /// <summary>Makes a condition that cannot be judged for these data.</summary>
    public static CheckCondition Undefined(string expected, string? reason) => new(expected, CheckStatus.NotApplicable, $"undefined: {reason}");

    /// <summary>Writes a figure, with four significant digits.</summary>
    public static string Figure(double value) => Math.Abs(value) is > 0 and < 0.001 or >= 1e6
        ? value.ToString("0.###e0", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>Writes a figure that may be undefined.</summary>
    public static string Figure(double? value) => value is { } known ? Figure(known) : "–";

    /// <summary>Writes a ratio in per cent.</summary>
    public static string Percent(double ratio) => (ratio * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %";

    /// <summary>Writes a number of rows.</summary>
    public static string Rows(long count) => Wording.Count(count, "row");

    /// <summary>Tells how many rows were judged, and why others were not.</summary>
    public static string Judged(ModelOutcomes outcomes)
    {
        var judged = outcomes.Judged.RowCount;
        var text = Rows(judged);
        if (judged == outcomes.RowCount) return text;
        var reasons = new[] { (outcomes.MissingLabelCount, "without a label"), (outcomes.UnknownLabelCount, "of a class that the model does not know"), (outcomes.MissingPredictionCount, "without a finite prediction") }
            .Where(reason => reason.Item1 > 0).Select(reason => $"{reason.Item1.ToString("N0", CultureInfo.InvariantCulture)} {reason.Item2}").ToArray();
        var left = Rows(outcomes.RowCount - judged);
        return reasons.Length == 0 ? $"{text}, {left} without a weight above 0 left out" : $"{text}, {left} left out: {string.Join(", ", reasons)}";
    }

    /// <summary>By how much a score is worse than another one, in units of the other.</summary>
    /// <returns>The ratio, negative where it is better; <see langword="null"/> where the other one is 0 and they differ.</returns>
    public static double? DeclineRatio(EvaluationMetric from, EvaluationMetric to)
    {
        if (from.Value is not { } before || to.Value is not { } after) return null;
        var decline = from.Direction == Tracking.MetricDirection.Maximize ? before - after : after - before;
        return decline == 0 ? 0 : before == 0 ? null : decline / Math.Abs(before);
    }

    /// <summary>Tells whether a score is worse than another one.</summary>
    public static bool IsWorse(EvaluationMetric metric, double than)
        => metric.Value is { } value && (metric.Direction == Tracking.MetricDirection.Maximize ? value < than : value > than);
}
