using System.Globalization;
using System.Numerics;
using System.Text;

namespace Mlops.Data;

/// <summary>Reads values from texts, the same way for every source.</summary>
/// <remarks>
/// Numbers in the invariant culture without thousands separators – whether <c>1,000</c> means a thousand or one is not ours to guess – and <c>NaN</c>,
/// <c>Infinity</c>, <c>inf</c>, with a sign; one too large for the type is infinite; <c>true</c>, <c>false</c>, <c>t</c>, <c>f</c>, <c>1</c>, <c>0</c>; days as <c>2001-01-22</c>; moments in ISO 8601,
/// UTC unless they say otherwise; vectors as <c>[0.5, 1, 2]</c> or <c>{0.5,1,2}</c>.
/// </remarks>
internal static partial class FieldText
{
    private const int LongestTimestamp = 40;

    public static bool TryParseNumber<T>(ReadOnlySpan<byte> utf8, out T value)
        where T : INumber<T>, IUtf8SpanParsable<T>
    {
        if (!NumberConversion.IsFloatingPoint<T>()) return T.TryParse(utf8, NumberStyles.Integer, CultureInfo.InvariantCulture, out value!);
        if (T.TryParse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture, out value!)) return true;
        var isNegative = utf8.StartsWith("-"u8);
        var name = isNegative || utf8.StartsWith("+"u8) ? utf8[1..] : utf8;
        if (!Ascii.EqualsIgnoreCase(name, "inf"u8)) return false;
        value = T.CreateSaturating(isNegative ? double.NegativeInfinity : double.PositiveInfinity);
        return true;
    }

    public static bool TryParseBoolean(ReadOnlySpan<byte> utf8, out bool value)
    {
        value = Ascii.EqualsIgnoreCase(utf8, "true"u8) || utf8 is [(byte)'1' or (byte)'t' or (byte)'T'];
        return value || Ascii.EqualsIgnoreCase(utf8, "false"u8) || utf8 is [(byte)'0' or (byte)'f' or (byte)'F'];
    }

    public static bool TryParseDate(ReadOnlySpan<byte> utf8, out DateOnly value)
    {
        value = default;
        if (utf8.Length != 10 || utf8[4] != '-' || utf8[7] != '-') return false;
        if (!TryParseDigits(utf8[..4], out var year) || !TryParseDigits(utf8[5..7], out var month) || !TryParseDigits(utf8[8..], out var day)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        value = new DateOnly(year, month, day);
        return true;
    }

    public static bool TryParseTimestamp(ReadOnlySpan<byte> utf8, out DateTime value)
    {
        value = default;
        if (utf8.Length is < 10 or > LongestTimestamp || !TryParseDate(utf8[..10], out var day)) return false;
        if (utf8.Length == 10)
        {
            value = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
            return true;
        }

        if (utf8[10] is not ((byte)'T' or (byte)' ') || !Ascii.IsValid(utf8)) return false;
        Span<char> text = stackalloc char[LongestTimestamp];
        return DateTime.TryParse(
            text[..Encoding.ASCII.GetChars(utf8, text)], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value);
    }

    /// <summary>Reads a vector of as many values as there is room for.</summary>
    public static bool TryParseVector<T>(ReadOnlySpan<byte> utf8, Span<T> values)
        where T : INumber<T>, IUtf8SpanParsable<T>
    {
        if (!TryGetElements(utf8, out var inner)) return false;
        for (var i = 0; i < values.Length; i++)
        {
            var end = inner.IndexOf((byte)',');
            if (end < 0 != (i == values.Length - 1)) return false;
            var part = end < 0 ? inner : inner[..end];
            if (!TryParseNumber(part[Ascii.Trim(part)], out values[i]!)) return false;
            inner = end < 0 ? default : inner[(end + 1)..];
        }

        return true;
    }

    /// <summary>Counts the values of a vector; 0 when the text is not one.</summary>
    public static int CountVector(ReadOnlySpan<byte> utf8)
    {
        if (!TryGetElements(utf8, out var inner)) return 0;
        var count = 0;
        foreach (var range in inner.Split((byte)','))
        {
            if (!TryParseNumber<double>(inner[range][Ascii.Trim(inner[range])], out _)) return 0;
            count++;
        }

        return count;
    }

    private static bool TryGetElements(ReadOnlySpan<byte> utf8, out ReadOnlySpan<byte> elements)
    {
        var isVector = utf8.Length > 2 && (utf8[0], utf8[^1]) is (0x5B, 0x5D) or (0x7B, 0x7D); // [ ] and { }
        elements = isVector ? utf8[1..^1] : default;
        return isVector;
    }

    private static bool TryParseDigits(ReadOnlySpan<byte> utf8, out int value)
    {
        value = 0;
        foreach (var digit in utf8)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            value = (value * 10) + (digit - '0');
        }

        return true;
    }
}
