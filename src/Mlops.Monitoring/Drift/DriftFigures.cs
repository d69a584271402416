using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>Writes figures for reasons.</summary>
internal static class DriftFigures
{
    /// <summary>Writes a figure with at most four decimal places; one that is very large or very small with four digits and a power of ten.</summary>
    public static string Format(double value) => Math.Abs(value) is >= 1e7 or (> 0 and < 5e-5) ? value.ToString("0.###e+0", CultureInfo.InvariantCulture) : value.ToString("0.####", CultureInfo.InvariantCulture);
}
