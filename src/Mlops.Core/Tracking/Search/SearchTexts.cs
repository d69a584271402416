namespace Mlops.Tracking;

/// <summary>How texts are compared and checked in searches, as databases do it that compare bytes of UTF-8.</summary>
internal static class SearchTexts
{
    /// <summary>Finds the first character that no store keeps: U+0000 or half a surrogate pair.</summary>
    /// <returns>Its index, or −1.</returns>
    public static int IndexOfForbidden(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0') return i;
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return i;
            i++;
        }

        return -1;
    }

    /// <summary>Orders two texts by their code points, which is the order of their bytes in UTF-8.</summary>
    public static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            var (a, b) = (left[i], right[i]);
            if (a == b) continue;
            // Halves of pairs stand for code points above those from U+E000 to U+FFFF, though their numbers are below.
            var (aIsHalf, bIsHalf) = (char.IsSurrogate(a), char.IsSurrogate(b));
            return aIsHalf == bIsHalf ? a.CompareTo(b) : aIsHalf ? 1 : -1;
        }

        return left.Length.CompareTo(right.Length);
    }

    /// <summary>Tells whether a text has the form of a pattern: <c>%</c> stands for any characters, <c>_</c> for one code point.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pattern">The pattern; nothing in it escapes.</param>
    /// <param name="ignoreCase">Whether A to Z and a to z are the same.</param>
    /// <returns>Whether it has. The time is at most the product of the lengths.</returns>
    public static bool IsLike(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern, bool ignoreCase)
    {
        // Where to go on when what follows the last % does not fit: with one character more taken by it.
        var (resumePattern, resumeText) = (-1, 0);
        var (p, t) = (0, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '%')
            {
                (resumePattern, resumeText) = (++p, t);
            }
            else if (p < pattern.Length && pattern[p] == '_')
            {
                t += PointLength(text, t);
                p++;
            }
            else if (p < pattern.Length && IsSame(text[t], pattern[p], ignoreCase))
            {
                t++;
                p++;
            }
            else if (resumePattern >= 0)
            {
                resumeText += PointLength(text, resumeText);
                (p, t) = (resumePattern, resumeText);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '%') p++;
        return p == pattern.Length;
    }

    private static int PointLength(ReadOnlySpan<char> text, int at) => char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    private static bool IsSame(char a, char b, bool ignoreCase)
        => a == b || (ignoreCase && char.IsAsciiLetter(a) && char.IsAsciiLetter(b) && (a | 0x20) == (b | 0x20));
}
