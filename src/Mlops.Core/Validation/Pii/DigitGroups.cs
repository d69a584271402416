using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Mlops.Validation;

/// <summary>Groups of digits that stand together, as cards and telephone numbers are written: <c>4111 1111 1111 1111</c>, <c>(030) 123-45</c>.</summary>
/// <remarks>At most 12 groups of at most 20 digits together are read, so that every number costs the same however long the text around it is.</remarks>
internal struct DigitGroups
{
    public const int MaxGroups = 12;
    public const int MaxDigits = 20;
    private Bytes _offsets;
    private Bytes _lengths;
    private Bytes _separators;
    private Digits _digits;

    /// <summary>Gets the number of groups.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the number of digits in all groups.</summary>
    public int DigitCount { get; private set; }

    /// <summary>Gets where the first group begins.</summary>
    public int Start { get; private set; }

    /// <summary>Gets where a group begins.</summary>
    public readonly int StartOf(int group) => Start + _offsets[group];

    /// <summary>Gets where a group ends.</summary>
    public readonly int EndOf(int group) => Start + _offsets[group] + _lengths[group];

    /// <summary>Gets the number of digits of a group.</summary>
    public readonly int LengthOf(int group) => _lengths[group];

    /// <summary>Gets what stands before a group: one of <c>' '</c>, <c>'-'</c>, <c>'.'</c>, <c>'/'</c>, or <c>'('</c> where there is a bracket.</summary>
    public readonly byte SeparatorOf(int group) => _separators[group];

    /// <summary>Gets the number of digits of the first groups.</summary>
    public readonly int DigitsThrough(int groups)
    {
        var count = 0;
        for (var i = 0; i < groups; i++) count += _lengths[i];
        return count;
    }

    /// <summary>Gets the digits of all groups.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> AllDigits => ((ReadOnlySpan<byte>)_digits)[..DigitCount];

    /// <summary>Tells whether a group is a zero in brackets, as in <c>+49 (0)30</c>.</summary>
    public readonly bool IsTrunkInBrackets(int group, int count)
        => _lengths[group] == 1 && _digits[DigitsThrough(group)] == '0' && group > 0 && _separators[group] == '(' && group + 1 < count && _separators[group + 1] == '(';

    /// <summary>Reads the groups at a place.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The first digit.</param>
    /// <param name="limit">Where the part ends that is looked at.</param>
    /// <param name="groups">The groups; none where the first is too long.</param>
    public static void Read(ReadOnlySpan<byte> text, int start, int limit, out DigitGroups groups)
    {
        groups = default;
        groups.Start = start;
        var place = start;
        byte separator = 0;
        while (groups.Count < MaxGroups)
        {
            var end = place;
            while (end < limit && PiiText.IsDigit(text[end]) && end - place <= MaxDigits) end++;
            var length = end - place;
            if (groups.DigitCount + length > MaxDigits) return;
            groups._offsets[groups.Count] = (byte)(place - start);
            groups._lengths[groups.Count] = (byte)length;
            groups._separators[groups.Count] = separator;
            text[place..end].CopyTo(((Span<byte>)groups._digits)[groups.DigitCount..]);
            groups.DigitCount += length;
            groups.Count++;
            var gap = ReadGap(text, end, limit, out separator);
            if (gap == 0) return;
            place = end + gap;
        }
    }

    /// <summary>Reads what stands between two groups: one to three spaces, dashes, dots, slashes or brackets, at most one of each.</summary>
    /// <returns>The number of bytes; 0 where no group follows.</returns>
    private static int ReadGap(ReadOnlySpan<byte> text, int start, int limit, out byte separator)
    {
        separator = 0;
        var (place, last) = (start, (byte)0);
        for (var n = 0; n < 3 && place < limit && !PiiText.IsDigit(text[place]); n++)
        {
            var length = PiiText.ReadSpaceOrDash(text, place, limit, out var read);
            if (length == 0)
            {
                read = text[place];
                length = 1;
                if (read is (byte)')') read = (byte)'(';
                else if (read is not ((byte)'.' or (byte)'/' or (byte)'(')) return 0;
            }

            if (read == last && read != '(') return 0;
            last = read;
            // A bracket outweighs the rest, and anything outweighs a space.
            if (separator is 0 or (byte)' ' || (read == '(')) separator = read;
            else if (read is not ((byte)' ') && separator != '(' && separator != read) return 0;
            place += length;
        }

        return place > start && PiiText.IsDigitAt(text[..limit], place) ? place - start : 0;
    }

    [InlineArray(MaxGroups)]
    private struct Bytes
    {
        private byte _first;
    }

    [InlineArray(MaxDigits)]
    private struct Digits
    {
        private byte _first;
    }
}
