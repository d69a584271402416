using System.Text;

namespace Mlops.Validation;

/// <summary>Finds addresses of the Internet Protocol.</summary>
/// <remarks>
/// <para>Version 4: four numbers from 0 to 255 without leading zeros, the first not 0, not part of a longer row of numbers, and not called a version. Version 6 (RFC 4291 § 2.2):
/// eight groups, or fewer with <c>::</c>, perhaps ending in version 4; a short form must have a digit and a group of three hexadecimal digits, or be <c>::1</c>, since
/// <c>a::b</c> and <c>1::2</c> are program text.</para>
/// <para>At most 64 bytes are looked at.</para>
/// </remarks>
internal static class IpScanner
{
    private static readonly byte[][] s_versionWords =
        [.. new[] { "version", "ver", "v", "build", "release", "rev", "firmware", "fw", "versión", "versione", "section", "chapter" }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Finds an address of version 4 that begins at a digit.</summary>
    public static bool TryMatchV4(ReadOnlySpan<byte> text, int low, int start, int limit, out PiiHit hit)
    {
        hit = default;
        var end = ReadV4(text, start, limit);
        if (end < 0 || text[start] == '0') return false;
        if (PiiText.ContinuesBefore(text, low, start) || IsRowBefore(text, low, start)) return false;
        if (PiiText.ContinuesAt(text, end, limit)) return false;
        var next = PiiText.At(text, end, limit);
        if (next == '.' && PiiText.IsDigitAt(text[..limit], end + 1)) return false;
        if (next == '-' && end + 1 < limit && PiiText.IsLetter(text[end + 1])) return false;
        if (IsAfterVersionWord(text, low, start)) return false;
        hit = new PiiHit(PiiKind.Ip, start, end, 0.9);
        return true;
    }

    /// <summary>Finds an address of version 6 that has a digit or a colon at a place, the first of either in it.</summary>
    public static bool TryMatchV6(ReadOnlySpan<byte> text, int low, int place, int limit, out PiiHit hit)
    {
        hit = default;
        var start = place;
        while (start > low && place - start < 4 && PiiText.IsHex(text[start - 1])) start--;
        if (PiiText.ContinuesBefore(text, low, start) || PiiText.Before(text, low, start) is (byte)':' or (byte)'.' or (byte)'_') return false;
        var end = ReadV6(text, start, limit);
        if (end < 0) return false;
        // The name of an interface: fe80::1%eth0.
        if (PiiText.At(text, end, limit) == '%')
        {
            var zone = end + 1;
            while (zone < limit && zone - end < 17 && PiiText.IsWord(text[zone])) zone++;
            if (zone > end + 1) end = zone;
        }

        hit = new PiiHit(PiiKind.Ip, start, end, 0.98);
        return true;
    }

    /// <summary>Reads four numbers with dots.</summary>
    /// <returns>Where they end; -1 where there are none.</returns>
    private static int ReadV4(ReadOnlySpan<byte> text, int place, int limit)
    {
        for (var part = 0; ; part++)
        {
            var (start, value) = (place, 0);
            while (place < limit && place - start < 4 && PiiText.IsDigit(text[place])) value = (value * 10) + text[place++] - '0';
            var digits = place - start;
            if (digits is 0 or > 3 || value > 255 || (digits > 1 && text[start] == '0')) return -1;
            if (part == 3) return place;
            if (place >= limit || text[place] != '.') return -1;
            place++;
        }
    }

    private static int ReadV6(ReadOnlySpan<byte> text, int start, int limit)
    {
        var (place, groups, compressed) = (start, 0, -1);
        var (hasDigit, hasV4, longest, pairs) = (false, false, 0, 0);
        if (place + 1 < limit && text[place] == ':')
        {
            if (text[place + 1] != ':') return -1;
            compressed = 0;
            place += 2;
        }

        while (groups < 8)
        {
            var group = place;
            while (place < limit && place - group < 5 && PiiText.IsHex(text[place])) hasDigit |= PiiText.IsDigit(text[place++]);
            var length = place - group;
            if (length == 0) break;
            if (length > 4) return -1;
            if (PiiText.At(text, place, limit) == '.' && groups <= 6 && ReadV4(text, group, limit) is > 0 and var end)
            {
                (place, hasV4) = (end, true);
                groups += 2;
                break;
            }

            groups++;
            longest = Math.Max(longest, length);
            if (length == 2) pairs++;
            if (PiiText.At(text, place, limit) != ':') break;
            if (place + 1 < limit && text[place + 1] == ':')
            {
                if (compressed >= 0) return -1;
                compressed = groups;
                place += 2;
            }
            else if (place + 1 < limit && PiiText.IsHex(text[place + 1]) && groups < 8)
            {
                place++;
            }
            else
            {
                break;
            }
        }

        if (compressed < 0 ? groups != 8 : groups is > 7 or 0) return -1;
        // Not a part of something longer; a colon or a full stop may follow as punctuation.
        var next = PiiText.At(text, place, limit);
        if (PiiText.IsWord(next) || next == '_') return -1;
        if (next is (byte)':' or (byte)'.' && place + 1 < limit && (PiiText.IsWord(text[place + 1]) || text[place + 1] == ':')) return -1;
        // Eight pairs are a hardware address (EUI-64).
        if (compressed < 0) return pairs == 8 || !hasDigit ? -1 : place;
        if (hasV4) return place;
        if (compressed == groups && groups == 1 && next != '/') return -1;
        var isLoopback = place - start == 3 && compressed == 0 && text[place - 1] == '1';
        return isLoopback || (hasDigit && longest >= 3) ? place : -1;
    }

    private static bool IsRowBefore(ReadOnlySpan<byte> text, int low, int start) => PiiText.Before(text, low, start) switch
    {
        (byte)'.' => start - 2 >= low && PiiText.IsWord(text[start - 2]),
        // A package and its version: library-1.2.3.4.
        (byte)'-' => start - 2 >= low && PiiText.IsLetter(text[start - 2]),
        (byte)'+' => true,
        _ => false,
    };

    private static bool IsAfterVersionWord(ReadOnlySpan<byte> text, int low, int start)
    {
        var end = start;
        while (end > low && start - end < 3 && text[end - 1] is (byte)' ' or (byte)'=' or (byte)':' or (byte)'/' or (byte)'.' or (byte)'"') end--;
        var word = end;
        while (word > low && end - word < 12 && (PiiText.IsLetter(text[word - 1]) || text[word - 1] >= 0x80)) word--;
        if (end == start) return false;
        foreach (var version in s_versionWords)
        {
            if (Ascii.EqualsIgnoreCase(text[word..end], version)) return true;
        }

        return false;
    }
}
