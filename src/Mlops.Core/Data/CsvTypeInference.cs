using System.Globalization;
using CsvHelper;

namespace Mlops.Data;

/// <summary>Infers the type of a CSV column from its fields: the narrowest that reads them all.</summary>
internal struct CsvTypeInference
{
    private bool _isSeen;
    private bool _notInteger;
    private bool _notNumber;
    private bool _notBoolean;
    private bool _notDate;
    private bool _notTimestamp;

    /// <summary>Gets the type; text when there was no field.</summary>
    public readonly ElementType Type => !_isSeen ? ElementType.String
        : !_notInteger ? ElementType.Int64
        : !_notNumber ? ElementType.Float64
        : !_notBoolean ? ElementType.Boolean
        : !_notDate ? ElementType.Date
        : !_notTimestamp ? ElementType.Timestamp
        : ElementType.String;

    public void Add(CsvReader reader, int ordinal)
    {
        _isSeen = true;
        if (!_notInteger && !reader.TryParse<long>(ordinal, out _)) _notInteger = true;
        if (!_notNumber && !reader.TryParse<double>(ordinal, out _)) _notNumber = true;
        if (!_notBoolean && !CsvValues.TryParseBoolean(reader.GetSpan(ordinal), out _)) _notBoolean = true;
        if (!_notDate && !CsvValues.TryParseDate(reader.GetSpan(ordinal), out _)) _notDate = true;
        if (!_notTimestamp && !CsvValues.TryParseTimestamp(reader.GetSpan(ordinal), out _)) _notTimestamp = true;
    }
}

/// <summary>Reads the values of CSV fields whose form is ours to define.</summary>
internal static class CsvValues
{
    private const int LongestTimestamp = 40;

    public static bool TryParseBoolean(ReadOnlySpan<byte> field, out bool value)
    {
        value = System.Text.Ascii.EqualsIgnoreCase(field, "true");
        return value || System.Text.Ascii.EqualsIgnoreCase(field, "false");
    }

    public static bool TryParseDate(ReadOnlySpan<byte> field, out DateOnly value)
    {
        value = default;
        Span<char> text = stackalloc char[10];
        return field.Length == 10 && System.Text.Ascii.IsValid(field)
            && DateOnly.TryParseExact(text[..System.Text.Encoding.ASCII.GetChars(field, text)], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
    }

    public static bool TryParseTimestamp(ReadOnlySpan<byte> field, out DateTime value)
    {
        value = default;
        if (field.Length is < 10 or > LongestTimestamp || field[4] != '-' || !System.Text.Ascii.IsValid(field)) return false;
        Span<char> text = stackalloc char[LongestTimestamp];
        return DateTime.TryParse(
            text[..System.Text.Encoding.ASCII.GetChars(field, text)], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value);
    }
}
