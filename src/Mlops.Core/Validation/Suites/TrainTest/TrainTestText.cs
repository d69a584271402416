using System.Globalization;

namespace Mlops.Validation;

/// <summary>Writes figures for people, the same in every culture.</summary>
internal static class TrainTestText
{
    private const int MostNames = 5;

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>Writes a share as a percentage: <c>7.2 %</c>. What is not nothing does not look like it.</summary>
    public static string Percent(double ratio)
        => ratio is > 0 and < 0.00005 ? "less than 0.01 %" : ratio is < 1 and > 0.99995 ? "more than 99.99 %" : string.Create(CultureInfo.InvariantCulture, $"{100 * ratio:0.##} %");

    /// <summary>Writes a share with its counts: <c>7.2 % (72 of 1,000 rows)</c>.</summary>
    public static string Share(long count, long total, string unit = "rows") => $"{Percent((double)count / total)} ({Count(count)} of {Count(total)} {unit})";

    /// <summary>Writes a number of things: <c>1 column</c>, <c>2 columns</c>.</summary>
    public static string Quantity(long count, string one, string many) => count == 1 ? $"1 {one}" : $"{Count(count)} {many}";

    /// <summary>Lists the first few names.</summary>
    public static string List(IReadOnlyList<string> names)
        => names.Count <= MostNames ? string.Join(", ", names) : $"{string.Join(", ", names.Take(MostNames))} and {names.Count - MostNames} more";
}
