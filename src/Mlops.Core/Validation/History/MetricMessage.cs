using System.Globalization;

namespace Mlops.Validation;

/// <summary>Words for anomalies.</summary>
internal static class MetricMessage
{
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString(at.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "O", CultureInfo.InvariantCulture);

    public static string Describe(MetricResult result)
    {
        var subject = string.Create(CultureInfo.InvariantCulture, $"{result.Metric} of {Time(result.At)}");
        if (result.Value is not { } value || result.Expected is not { } expected) return $"{subject} has no value, which the rule requires ({result.Rule}).";
        return ProfileMetrics.HoldsDataValues(result.Metric)
            ? $"{subject} is {Excess(value, expected)} ({result.Rule})."
            : string.Create(CultureInfo.InvariantCulture, $"{subject} is {value:g6}; {expected} was expected ({result.Rule}).");
    }

    /// <summary>Tells how far off a value is without telling the value.</summary>
    private static string Excess(double value, MetricRange expected)
    {
        var side = value > expected.Upper ? "above" : "below";
        // Halves first: the width of a range of large values may be beyond what a number can hold.
        var width = (expected.Upper / 2) - (expected.Lower / 2);
        var excess = value > expected.Upper ? (value / 2) - (expected.Upper / 2) : (expected.Lower / 2) - (value / 2);
        return double.IsFinite(width) && width > 0 && double.IsFinite(excess / width)
            ? string.Create(CultureInfo.InvariantCulture, $"{side} the expected range, by {excess / width:0.##} times its width")
            : $"{side} the expected range";
    }
}
