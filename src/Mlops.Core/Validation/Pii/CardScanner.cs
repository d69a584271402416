namespace Mlops.Validation;

/// <summary>Finds numbers of payment cards.</summary>
/// <remarks>
/// <para>13 to 19 digits, in one piece or grouped by spaces, dashes or dots in fours or as 4-6-5 and 4-6-4, with the check digit of H. P. Luhn (ISO/IEC 7812-1, annex B) and
/// an issuer's prefix and length. A number of 13 digits that is a right article number (EAN-13) counts as that.</para>
/// </remarks>
internal static class CardScanner
{
    private const int Shortest = 13;
    private const int Longest = 19;

    // First and last prefix, then the lengths.
    private static readonly (int First, int Last, int Shortest, int Longest)[] s_issuers =
    [
        (4, 4, 16, 16), (4, 4, 13, 13), (4, 4, 19, 19), // Visa
        (51, 55, 16, 16), (2221, 2720, 16, 16), // Mastercard
        (34, 34, 15, 15), (37, 37, 15, 15), // American Express
        (6011, 6011, 16, 19), (644, 649, 16, 19), (65, 65, 16, 19), // Discover
        (300, 305, 14, 14), (3095, 3095, 14, 14), (36, 36, 14, 14), (38, 39, 14, 14), // Diners Club
        (3528, 3589, 16, 19), // JCB
        (62, 62, 16, 19), (81, 81, 16, 19), // UnionPay
        (5018, 5018, 13, 19), (5020, 5020, 13, 19), (5038, 5038, 13, 19), (5893, 5893, 13, 19), (6304, 6304, 13, 19), (6759, 6759, 13, 19), (6761, 6763, 13, 19), // Maestro
        (2200, 2204, 16, 19), // Mir
        (60, 60, 16, 16), (82, 82, 16, 16), (508, 508, 16, 16), // RuPay
        (9792, 9792, 16, 16), // Troy
    ];

    /// <summary>Finds the card that begins with the first of some groups.</summary>
    /// <param name="text">The text.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="low">Where the part begins that is looked at.</param>
    /// <param name="limit">Where it ends.</param>
    /// <param name="hit">The card.</param>
    /// <param name="isMiss">Whether all but the check digit is right.</param>
    public static bool TryMatch(ReadOnlySpan<byte> text, ref readonly DigitGroups groups, int low, int limit, out PiiHit hit, out bool isMiss)
    {
        hit = default;
        isMiss = false;
        if (groups.DigitCount < Shortest || !MayBegin(text, low, groups.Start)) return false;
        if (groups.LengthOf(0) >= Shortest)
            return MayEnd(text, groups.EndOf(0), limit, 0) && Check(groups.AllDigits[..groups.LengthOf(0)], groups.Start, groups.EndOf(0), out hit, ref isMiss);
        if (groups.LengthOf(0) != 4 || groups.Count < 3) return false;
        var separator = groups.SeparatorOf(1);
        if (separator is not ((byte)' ' or (byte)'-' or (byte)'.')) return false;
        var last = 1;
        while (last + 1 < groups.Count && groups.SeparatorOf(last + 1) == separator) last++;
        for (; last >= 2; last--)
        {
            if (!IsShape(in groups, last) || !(MayEnd(text, groups.EndOf(last), limit, separator) || IsBeforeCard(text, groups.EndOf(last), limit, separator))) continue;
            if (Check(groups.AllDigits[..groups.DigitsThrough(last + 1)], groups.Start, groups.EndOf(last), out hit, ref isMiss)) return true;
        }

        return false;
    }

    /// <summary>Tells whether digits have a card's prefix and length; whether the check digit is right too.</summary>
    public static bool IsCard(ReadOnlySpan<byte> digits, out bool hasCheckDigit)
    {
        hasCheckDigit = false;
        if (digits.Length is < Shortest or > Longest || !HasIssuer(digits) || (digits.Length == 13 && IsArticleNumber(digits))) return false;
        hasCheckDigit = HasLuhnDigit(digits);
        return true;
    }

    /// <summary>Tells whether the last digit is the check digit of the others: the sum of all, every second from the right doubled and its digits summed, ends in 0.</summary>
    public static bool HasLuhnDigit(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 1; i <= digits.Length; i++)
        {
            var digit = digits[^i] - '0';
            if (i % 2 == 0) digit = digit > 4 ? (2 * digit) - 9 : 2 * digit;
            sum += digit;
        }

        return sum % 10 == 0;
    }

    private static bool HasIssuer(ReadOnlySpan<byte> digits)
    {
        var four = ((digits[0] - '0') * 1000) + ((digits[1] - '0') * 100) + ((digits[2] - '0') * 10) + digits[3] - '0';
        foreach (var (first, last, shortest, longest) in s_issuers)
        {
            var prefix = first < 10 ? four / 1000 : first < 100 ? four / 100 : first < 1000 ? four / 10 : four;
            if (prefix >= first && prefix <= last && digits.Length >= shortest && digits.Length <= longest) return true;
        }

        return false;
    }

    private static bool IsArticleNumber(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++) sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
        return sum % 10 == 0;
    }

    private static bool IsShape(ref readonly DigitGroups groups, int last)
    {
        if (last == 2 && groups.LengthOf(1) == 6) return groups.LengthOf(2) is 4 or 5;
        for (var i = 1; i < last; i++)
        {
            if (groups.LengthOf(i) != 4) return false;
        }

        return last >= 3 && groups.LengthOf(last) is >= 1 and <= 4;
    }

    private static bool MayBegin(ReadOnlySpan<byte> text, int low, int start)
    {
        if (PiiText.ContinuesBefore(text, low, start)) return false;
        return PiiText.Before(text, low, start) switch
        {
            (byte)'+' => false,
            // The middle of a number with a fraction or of an identifier with dashes.
            (byte)'.' or (byte)'-' => start - 2 < low || !PiiText.IsDigit(text[start - 2]),
            _ => true,
        };
    }

    private static bool MayEnd(ReadOnlySpan<byte> text, int end, int limit, byte separator)
    {
        if (PiiText.ContinuesAt(text, end, limit)) return false;
        var next = PiiText.At(text, end, limit);
        return !((next == '.' || (next == '-' && next == separator)) && PiiText.IsDigitAt(text[..limit], end + 1));
    }

    /// <summary>Tells whether the separator leads to another card of four groups.</summary>
    private static bool IsBeforeCard(ReadOnlySpan<byte> text, int end, int limit, byte separator)
    {
        if (PiiText.At(text, end, limit) != separator || !PiiText.IsDigitAt(text[..limit], end + 1)) return false;
        DigitGroups.Read(text, end + 1, limit, out var next);
        if (next.Count < 4) return false;
        for (var group = 0; group < 4; group++)
        {
            if (next.LengthOf(group) != 4 || (group > 0 && next.SeparatorOf(group) != separator)) return false;
        }

        return IsCard(next.AllDigits[..16], out var hasCheckDigit) && hasCheckDigit;
    }

    private static bool Check(ReadOnlySpan<byte> digits, int start, int end, out PiiHit hit, ref bool isMiss)
    {
        hit = new PiiHit(PiiKind.Card, start, end, 0.95);
        if (!IsCard(digits, out var hasCheckDigit)) return false;
        isMiss = !hasCheckDigit;
        return hasCheckDigit;
    }
}
