using System.Text;

namespace Mlops.Data;

/// <summary>Shows a field of a CSV file in an error message.</summary>
internal static class CsvText
{
    private const int ShownCharacters = 40;

    /// <summary>The offending text itself, cut to 40 characters: without it nobody finds the mistake.</summary>
    public static string Quote(ReadOnlySpan<byte> field)
    {
        var text = Encoding.UTF8.GetString(field[..Math.Min(field.Length, ShownCharacters * 4)]);
        return text.Length > ShownCharacters ? $"'{text[..ShownCharacters]}…'" : $"'{text}'";
    }
}
