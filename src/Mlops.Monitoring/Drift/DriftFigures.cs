using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>Writes figures for reasons.</summary>
internal static class DriftFigures
{
    /// <summary>Writes a figure with at most four decimal places; one that is very large or very small with four digits and a power of ten.</summary>
    public static string Format(double value) => Math.Abs(value) is >= 1e7 or (> 0 and < 5e-5) ? value.ToString("0.###e+0", CultureInfo.InvariantCulture) : value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>Writes a p-value with its sign: <c>= 0.0312</c>, or <c>&lt; 0.0001</c>.</summary>
    public static string FormatPValue(double pValue) => pValue < 5e-5 ? "< 0.0001" : string.Create(CultureInfo.InvariantCulture, $"= {pValue:0.####}");

    /// <summary>Writes a p-value alone, for tables; one that is 0, because no number is as small, as what it is below.</summary>
    public static string FormatSmallPValue(double pValue) => pValue switch
    {
        < 1e-300 => "< 1e-300",
        < 1e-4 => pValue.ToString("0.#e+0", CultureInfo.InvariantCulture),
        _ => pValue.ToString("0.####", CultureInfo.InvariantCulture),
    };
}
