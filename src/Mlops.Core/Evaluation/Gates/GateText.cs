using System.Globalization;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Writes what gates say, in the invariant culture.</summary>
internal static class GateText
{
    /// <summary>Writes a figure with four significant digits, with its unit where it has one.</summary>
    public static string Figure(double value, string unit = "") => unit switch
    {
        "s" => Duration(value),
        "By" => Bytes(value),
        _ => ModelConditions.Figure(value),
    };

    public static string Interval(ConfidenceInterval interval, string unit = "")
        => string.Create(CultureInfo.InvariantCulture, $"{100 * interval.Level:0.##} %: {Figure(interval.Lower, unit)} to {Figure(interval.Upper, unit)}");

    public static string Rows(long count) => ModelConditions.Rows(count);

    public static string Percent(double ratio) => ModelConditions.Percent(ratio);

    public static string Duration(TimeSpan duration) => Duration(duration.TotalSeconds);

    public static string Name(ValidationVerdict verdict) => verdict.ToString().ToLowerInvariant();

    /// <summary>Names a slice, its value included.</summary>
    public static string Slice(SliceColumn column, int code) => code == SliceColumn.Missing ? $"{column.Name} is missing" : $"{column.Name} = {column.Values[code]}";

    public static string Bytes(double bytes) => Math.Abs(bytes) switch
    {
        >= 1 << 30 => ModelConditions.Figure(Math.Round(bytes / (1 << 30), 2)) + " GiB",
        >= 1 << 20 => ModelConditions.Figure(Math.Round(bytes / (1 << 20), 2)) + " MiB",
        >= 1 << 10 => ModelConditions.Figure(Math.Round(bytes / (1 << 10), 2)) + " KiB",
        _ => bytes.ToString("0", CultureInfo.InvariantCulture) + " B",
    };

    private static string Duration(double seconds) => Math.Abs(seconds) switch
    {
        >= 1 => ModelConditions.Figure(Math.Round(seconds, 3)) + " s",
        >= 1e-3 => ModelConditions.Figure(Math.Round(seconds * 1e3, 3)) + " ms",
        _ => ModelConditions.Figure(Math.Round(seconds * 1e6, 3)) + " µs",
    };
}
