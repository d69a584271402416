using System.Globalization;
using System.Net;

namespace Mlops.Reports;

/// <summary>Writes text into HTML and SVG.</summary>
internal static class Markup
{
    /// <summary>Escapes text; control characters, which no HTML file may have, become spaces.</summary>
    public static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\0', '\x1F') >= 0)
            text = string.Create(text.Length, text, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(source[i]) && source[i] != '\n' ? ' ' : source[i];
            });
        return WebUtility.HtmlEncode(text);
    }

    public static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    public static string Number(double value) => double.IsFinite(value) ? value.ToString(GetFormat(Math.Abs(value)), CultureInfo.InvariantCulture) : "–";

    private static string GetFormat(double magnitude) => magnitude switch
    {
        >= 1e7 => "0.###e+0",
        >= 1000 => "#,0",
        >= 100 => "0.#",
        >= 1 => "0.##",
        >= 0.001 or 0 => "0.####",
        _ => "0.##e+0",
    };
}
