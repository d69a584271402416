using System.Globalization;
using System.Text;
using CsvHelper;

namespace Mlops.Data;

/// <summary>Reads the values of CSV fields whose form is ours to define.</summary>
internal static class CsvValues
{
    private const int LongestTimestamp = 40;

    /// <summary>A number without thousands separators: whether <c>1,000</c> means a thousand or one is not ours to guess.</summary>
    public static bool TryParseNumber<T>(CsvReader reader, int ordinal, out T value)
        where T : struct, ISpanParsable<T>
    {
        value = default;
        return !reader.GetSpan(ordinal).Contains((byte)',') && reader.TryParse(ordinal, out value);
    }

    public static bool TryParseBoolean(ReadOnlySpan<byte> field, out bool value)
    {
        value = Ascii.EqualsIgnoreCase(field, "true");
        return value || Ascii.EqualsIgnoreCase(field, "false");
    }

    public static bool TryParseDate(ReadOnlySpan<byte> field, out DateOnly value)
    {
        value = default;
        Span<char> text = stackalloc char[10];
        return field.Length == 10 && Ascii.IsValid(field)
            && DateOnly.TryParseExact(text[..Encoding.ASCII.GetChars(field, text)], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
    }

    public static bool TryParseTimestamp(ReadOnlySpan<byte> field, out DateTime value)
    {
        value = default;
        if (field.Length is < 10 or > LongestTimestamp || field[4] != '-' || !Ascii.IsValid(field)) return false;
        Span<char> text = stackalloc char[LongestTimestamp];
        return DateTime.TryParse(
            text[..Encoding.ASCII.GetChars(field, text)], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value);
    }
}
