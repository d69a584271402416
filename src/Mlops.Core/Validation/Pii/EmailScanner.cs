using System.Text;

namespace Mlops.Validation;

/// <summary>Finds e-mail addresses around an at sign.</summary>
/// <remarks>
/// <para>Source: RFC 5321 § 4.1.2 and RFC 6531 (letters of any script), cut down to what people write: the local part has letters, digits and <c>._%+-'&amp;~!#</c>,
/// or is quoted, and at most 64 bytes; the domain has at least two labels of at most 63 bytes, the last of letters of one script. Address literals are left to the IP scanner.</para>
/// <para>Time is linear: at most 64 bytes before an at sign and 256 after it are looked at.</para>
/// </remarks>
internal static class EmailScanner
{
    private const int MaxLocalBytes = 64;
    private const int MaxDomainBytes = 255;
    private const int MaxLabelBytes = 63;

    // What follows the last dot of file names with an at sign (icon@2x.png) and is no top-level domain.
    private static readonly byte[][] s_fileExtensions =
    [
        .. new[] { "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico", "css", "js", "json", "xml", "html", "htm", "php", "txt", "csv", "pdf", "exe", "dll", "yaml", "yml" }.Select(Encoding.ASCII.GetBytes),
    ];

    // After these, digits that follow without a space are no part of the name.
    private static readonly byte[][] s_commonTopLevels =
    [
        .. new[]
        {
            "com", "net", "org", "edu", "gov", "info", "eu", "io", "de", "at", "ch", "fr", "uk", "us", "it", "es", "nl", "be", "pl", "se", "dk", "no", "fi", "ru", "cn", "jp", "in", "br", "ca", "au",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>Finds the address of an at sign.</summary>
    /// <param name="text">The text.</param>
    /// <param name="low">Where the address may begin.</param>
    /// <param name="at">The place of the at sign.</param>
    /// <param name="hit">The address.</param>
    public static bool TryMatch(ReadOnlySpan<byte> text, int low, int at, out PiiHit hit)
    {
        hit = default;
        var end = FindEnd(text, at + 1);
        if (end < 0) return false;
        var start = FindStart(text, low, at);
        if (start < 0) return false;
        hit = new PiiHit(PiiKind.Email, start, end, 0.98);
        return true;
    }

    private static int FindStart(ReadOnlySpan<byte> text, int low, int at)
    {
        if (at > low && text[at - 1] == '"') return FindQuote(text, low, at - 1);
        var start = at;
        var hasAscii = false;
        while (start > low)
        {
            var b = text[start - 1];
            if (b < 0x80)
            {
                if (!IsLocal(b)) break;
                // Two dots are no part of an address, but may well stand before one.
                if (b == '.' && start < at && text[start] == '.') break;
                hasAscii = true;
                start--;
            }
            else
            {
                // Scripts without spaces run into the address: 联系joe@example.com.
                if (Rune.DecodeLastFromUtf8(text[low..start], out var rune, out var length) != System.Buffers.OperationStatus.Done || !PiiText.IsWord(rune)) break;
                if (hasAscii && rune.Value >= 0x2E80) break;
                start -= length;
            }

            if (at - start > MaxLocalBytes) return -1;
        }

        while (start < at && !(PiiText.IsWord(text[start]) || text[start] is (byte)'_' or >= 0x80)) start++;
        return start == at || text[at - 1] == '.' ? -1 : start;
    }

    private static int FindQuote(ReadOnlySpan<byte> text, int low, int closing)
    {
        low = Math.Max(low, closing - MaxLocalBytes);
        var opening = text[low..closing].LastIndexOf((byte)'"');
        return opening < 0 || low + opening + 1 == closing || text[(low + opening)..closing].IndexOfAny((byte)'\n', (byte)'\r') >= 0 ? -1 : low + opening;
    }

    private static bool IsLocal(byte b) => PiiText.IsWord(b)
        || b is (byte)'.' or (byte)'_' or (byte)'-' or (byte)'+' or (byte)'%' or (byte)'\'' or (byte)'&' or (byte)'~' or (byte)'!' or (byte)'#';

    private static int FindEnd(ReadOnlySpan<byte> text, int start)
    {
        var (place, found) = (start, -1);
        var limit = Math.Min(text.Length, start + MaxDomainBytes);
        for (var label = 1; place < limit; label++)
        {
            var end = ReadLabel(text, place, limit);
            if (end == place || end - place > MaxLabelBytes || text[place] == '-') break;
            if (label > 1 && FindTopLevelEnd(text[place..end]) is > 0 and var length) found = place + length;
            if (end + 1 >= limit || text[end] != '.' || text[end - 1] == '-') break;
            place = end + 1;
        }

        return found;
    }

    private static int ReadLabel(ReadOnlySpan<byte> text, int place, int limit)
    {
        var start = place;
        while (place < limit && place - start <= MaxLabelBytes)
        {
            var b = text[place];
            if (b < 0x80)
            {
                if (!PiiText.IsWord(b) && b != '-') break;
                place++;
            }
            else
            {
                if (Rune.DecodeFromUtf8(text[place..], out var rune, out var length) != System.Buffers.OperationStatus.Done || !PiiText.IsWord(rune)) break;
                place += length;
            }
        }

        return place;
    }

    /// <summary>Finds where a label ends as the last one of a domain: after ASCII letters, or after letters of another script.</summary>
    /// <returns>The number of bytes; 0 where the label cannot be the last.</returns>
    private static int FindTopLevelEnd(ReadOnlySpan<byte> label)
    {
        if (label.StartsWith("xn--"u8) && label.Length > 5 && label[^1] != '-') return label.Length;
        var letters = 0;
        while (letters < label.Length && PiiText.IsLetter(label[letters])) letters++;
        if (letters == 0) return label[0] >= 0x80 && label.IndexOfAnyInRange((byte)0, (byte)0x7F) < 0 ? label.Length : 0;
        // A dash or another script may follow without a space; a digit only where the name is well known.
        if (letters < 2 || (letters < label.Length && PiiText.IsDigit(label[letters]) && !IsOneOf(label[..letters], s_commonTopLevels))) return 0;
        return IsOneOf(label[..letters], s_fileExtensions) ? 0 : letters;
    }

    private static bool IsOneOf(ReadOnlySpan<byte> letters, byte[][] names)
    {
        foreach (var name in names)
        {
            if (Ascii.EqualsIgnoreCase(letters, name)) return true;
        }

        return false;
    }
}
