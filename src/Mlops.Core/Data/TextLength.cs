using System.Text;

namespace Mlops.Data;

/// <summary>Counts the characters of texts.</summary>
internal static class TextLength
{
    /// <summary>Counts the Unicode code points of a text: the bytes that begin one.</summary>
    public static int Of(ReadOnlySpan<byte> utf8)
    {
        if (Ascii.IsValid(utf8)) return utf8.Length;
        var count = 0;
        foreach (var unit in utf8) count += (unit & 0xC0) != 0x80 ? 1 : 0;
        return count;
    }
}
