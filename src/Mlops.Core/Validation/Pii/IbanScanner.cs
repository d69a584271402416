using System.Text;

namespace Mlops.Validation;

/// <summary>Finds international bank account numbers.</summary>
/// <remarks>
/// Source: ISO 13616, structures from the IBAN registry of SWIFT; check digits as in ISO 7064, MOD 97-10. Lower case is read too, and a space or dash after every fourth
/// character. The word IBAN may stand right before it.
/// </remarks>
internal static class IbanScanner
{
    private const int MaxLength = 34;

    // Country, then the characters after the check digits: n digits, a letters, c either.
    private const string Registry =
        "AD:8n12c AE:19n AL:8n16c AT:16n AZ:4a20c BA:16n BE:12n BG:4a6n8c BH:4a14c BI:23n BR:23n1a1c BY:4c4n16c CH:5n12c CR:18n " +
        "CY:8n16c CZ:20n DE:18n DJ:23n DK:14n DO:4c20n EE:16n EG:25n ES:20n FI:14n FK:2a12n FO:14n FR:10n11c2n GB:4a14n GE:2a16n " +
        "GI:4a15c GL:14n GR:7n16c GT:24c HN:4a20n HR:17n HU:24n IE:4a14n IL:19n IQ:4a15n IS:22n IT:1a10n12c JO:4a4n18c KW:4a22c " +
        "KZ:3n13c LB:4n20c LC:4a24c LI:5n12c LT:16n LU:3n13c LV:4a13c LY:21n MC:10n11c2n MD:20c ME:18n MK:3n10c2n MN:16n MR:23n " +
        "MT:4a5n18c MU:4a19n3a NI:4a20n NL:4a10n NO:11n OM:3n16c PK:4a16c PL:24n PS:4a21c PT:21n QA:4a21c RO:4a16c RS:18n " +
        "RU:14n15c SA:2n18c SC:4a20n3a SD:14n SE:20n SI:15n SK:20n SM:1a10n12c SO:19n ST:21n SV:4a20n TL:19n TN:20n TR:6n16c " +
        "UA:6n19c VA:18n VG:4a16n XK:16n YE:4a4n18c";

    private static readonly byte[]?[] s_structures = ReadRegistry();

    /// <summary>Gets the countries and the structures of their account numbers, for tests.</summary>
    public static IEnumerable<(string Country, string Structure)> Countries
        => Registry.Split(' ').Select(entry => (entry[..2], Encoding.ASCII.GetString(s_structures[IndexOf((byte)entry[0], (byte)entry[1])]!)));

    /// <summary>Finds the account number whose first check digit stands at a place.</summary>
    /// <param name="text">The text.</param>
    /// <param name="low">Where it may begin.</param>
    /// <param name="digit">The place of the digit.</param>
    /// <param name="limit">Where the part ends that is looked at.</param>
    /// <param name="hit">The account number.</param>
    /// <param name="isMiss">Whether all but the check digits are right.</param>
    public static bool TryMatch(ReadOnlySpan<byte> text, int low, int digit, int limit, out PiiHit hit, out bool isMiss)
    {
        hit = default;
        isMiss = false;
        var start = digit - 2;
        if (start < low || digit + 1 >= limit || !PiiText.IsLetter(text[start]) || !PiiText.IsLetter(text[start + 1]) || !PiiText.IsDigit(text[digit + 1])) return false;
        if (s_structures[IndexOf(text[start], text[start + 1])] is not { } structure) return false;
        if (PiiText.ContinuesBefore(text, low, start) && !(start - 4 >= low && Ascii.EqualsIgnoreCase(text[(start - 4)..start], "iban"u8))) return false;
        Span<byte> iban = stackalloc byte[MaxLength];
        var length = 0;
        var place = start;
        while (length < structure.Length + 4)
        {
            if (length > 0 && length % 4 == 0) place += PiiText.ReadSpaceOrDash(text, place, limit, out _);
            if (place >= limit || !PiiText.IsWord(text[place])) return false;
            var b = text[place++];
            if (length >= 4 && structure[length - 4] switch { (byte)'n' => !PiiText.IsDigit(b), (byte)'a' => !PiiText.IsLetter(b), _ => false }) return false;
            iban[length++] = b;
        }

        if (PiiText.ContinuesAt(text, place, limit)) return false;
        isMiss = !HasCheckDigits(iban[..length]);
        hit = new PiiHit(PiiKind.Iban, start, place, 0.99);
        return !isMiss;
    }

    /// <summary>Tells whether the check digits are right: the number, its first four characters moved to the end and letters read as 10 to 35, leaves 1 when divided by 97.</summary>
    public static bool HasCheckDigits(ReadOnlySpan<byte> iban)
    {
        var rest = 0;
        for (var i = 0; i < iban.Length; i++)
        {
            var b = iban[(i + 4) % iban.Length];
            rest = PiiText.IsDigit(b) ? ((rest * 10) + b - '0') % 97 : ((rest * 100) + (b | 0x20) - 'a' + 10) % 97;
        }

        return rest == 1;
    }

    private static int IndexOf(byte first, byte second) => (((first | 0x20) - 'a') * 26) + (second | 0x20) - 'a';

    private static byte[]?[] ReadRegistry()
    {
        var structures = new byte[]?[26 * 26];
        foreach (var entry in Registry.Split(' '))
        {
            var structure = new List<byte>();
            var count = 0;
            foreach (var c in entry.AsSpan(3))
            {
                if (char.IsAsciiDigit(c))
                {
                    count = (count * 10) + c - '0';
                    continue;
                }

                structure.AddRange(Enumerable.Repeat((byte)c, count));
                count = 0;
            }

            structures[IndexOf((byte)entry[0], (byte)entry[1])] = [.. structure];
        }

        return structures;
    }
}
