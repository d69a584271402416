using System.Text;

namespace Mlops.Validation;

/// <summary>Facts about the bytes of a text in UTF-8 that the scanners share.</summary>
/// <remarks>
/// Only ASCII letters and digits make words here: a number next to a Chinese or Cyrillic letter stands alone, as scripts without spaces write it.
/// </remarks>
internal static class PiiText
{
    public static bool IsDigit(byte b) => (uint)(b - '0') <= 9;

    public static bool IsLetter(byte b) => (uint)((b | 0x20) - 'a') <= 25;

    public static bool IsWord(byte b) => IsDigit(b) || IsLetter(b);

    public static bool IsHex(byte b) => IsDigit(b) || (uint)((b | 0x20) - 'a') <= 5;

    /// <summary>Tells whether a digit stands at a place.</summary>
    public static bool IsDigitAt(ReadOnlySpan<byte> text, int place) => (uint)place < (uint)text.Length && IsDigit(text[place]);

    /// <summary>Tells whether a word goes on before a place; not where a written-out escape such as <c>\n</c> ends there.</summary>
    /// <param name="text">The text.</param>
    /// <param name="low">Where the part begins that is looked at: nothing before it counts.</param>
    /// <param name="place">The place.</param>
    public static bool ContinuesBefore(ReadOnlySpan<byte> text, int low, int place)
    {
        if (place <= low || !IsWord(text[place - 1])) return false;
        return !(place - 2 >= low && text[place - 2] == '\\' && text[place - 1] is (byte)'n' or (byte)'t' or (byte)'r');
    }

    /// <summary>Tells whether a word goes on at a place.</summary>
    public static bool ContinuesAt(ReadOnlySpan<byte> text, int place, int limit) => place < limit && IsWord(text[place]);

    /// <summary>Gets the byte before a place; 0 where there is none.</summary>
    public static byte Before(ReadOnlySpan<byte> text, int low, int place) => place > low ? text[place - 1] : (byte)0;

    /// <summary>Gets the byte at a place; 0 where there is none.</summary>
    public static byte At(ReadOnlySpan<byte> text, int place, int limit) => place < limit ? text[place] : (byte)0;

    /// <summary>Gets the number of digits at a place, up to the end of the text.</summary>
    public static int CountDigits(ReadOnlySpan<byte> text, int place, int limit)
    {
        var rest = text[place..limit];
        var length = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return length < 0 ? rest.Length : length;
    }

    /// <summary>Reads a space, or a dash of any kind, as <c>' '</c> or <c>'-'</c>.</summary>
    /// <returns>The number of bytes; 0 where there is something else.</returns>
    public static int ReadSpaceOrDash(ReadOnlySpan<byte> text, int place, int limit, out byte read)
    {
        read = 0;
        if (place >= limit) return 0;
        var first = text[place];
        if (first is (byte)' ' or (byte)'-')
        {
            read = first;
            return 1;
        }

        // No-break space; then figure, thin and narrow no-break spaces, and the dashes from U+2010 to U+2013.
        if (first == 0xC2 && place + 1 < limit && text[place + 1] == 0xA0)
        {
            read = (byte)' ';
            return 2;
        }

        if (first != 0xE2 || place + 2 >= limit || text[place + 1] != 0x80) return 0;
        read = text[place + 2] switch
        {
            0x87 or 0x89 or 0xAF => (byte)' ',
            >= 0x90 and <= 0x93 => (byte)'-',
            _ => 0,
        };
        return read == 0 ? 0 : 3;
    }

    /// <summary>Tells whether a character is part of a word in any script.</summary>
    public static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;
}
