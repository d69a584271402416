using System.Globalization;
using System.Text;

namespace Mlops.Data;

/// <summary>Words for values and types in the messages of sources.</summary>
internal static class TypeText
{
    private const int ShownCharacters = 40;

    public static string Of(ColumnSchema column) => column.Width == 1
        ? $"a value of type {column.Type}"
        : $"a vector of {column.Width} values of type {column.Type}, as [1, 2, 3]";

    /// <summary>The offending text itself, cut to 40 characters: without it nobody finds the mistake.</summary>
    public static string Quote(ReadOnlySpan<byte> utf8) => Quote(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, (ShownCharacters * 4) + 4)]));

    /// <inheritdoc cref="Quote(ReadOnlySpan{byte})"/>
    public static string Quote(object? value)
    {
        var text = value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString() ?? "";
        if (text.Length <= ShownCharacters) return $"'{text}'";
        var length = char.IsHighSurrogate(text[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters;
        return $"'{text[..length]}…'";
    }
}
