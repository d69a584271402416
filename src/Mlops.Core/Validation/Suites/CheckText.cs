using System.Globalization;

namespace Mlops.Validation;

/// <summary>Writes what checks say, in the invariant culture.</summary>
internal static class CheckText
{
    /// <summary>Writes a share: <c>7.2 %</c>; a small one keeps two digits, so that it is never shown as 0.</summary>
    public static string Percent(double share)
    {
        if (!double.IsFinite(share)) return "–";
        var percent = 100 * share;
        var digits = percent == 0 || Math.Abs(percent) >= 0.1 ? 2 : Math.Min(15, 1 - (int)Math.Floor(Math.Log10(Math.Abs(percent))));
        return Math.Round(percent, digits).ToString("0.################", CultureInfo.InvariantCulture) + " %";
    }

    /// <summary>Writes a share with what it is of: <c>7.2 % (72 of 1,000 rows)</c>.</summary>
    public static string Share(long part, long whole, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Percent((double)part / whole)} ({part:N0} of {whole:N0} {unit})");

    /// <summary>Writes a number to four digits.</summary>
    public static string Number(double value) => double.IsFinite(value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : "–";

    /// <summary>Writes a limit as it was set.</summary>
    public static string Limit(double value) => value.ToString(CultureInfo.InvariantCulture);
}
