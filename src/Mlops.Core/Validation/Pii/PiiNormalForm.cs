using System.Net;
using System.Text;

namespace Mlops.Validation;

/// <summary>Writes values so that all ways of writing one value give the same bytes.</summary>
internal static class PiiNormalForm
{
    /// <summary>Writes a value.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="value">The value as it was found.</param>
    /// <param name="rules">The locales of telephone numbers.</param>
    /// <param name="target">Receives it; at least as long as the value and 64 bytes.</param>
    /// <returns>The number of bytes.</returns>
    public static int Write(PiiKind kind, ReadOnlySpan<byte> value, PiiRules rules, Span<byte> target)
    {
        switch (kind)
        {
            case PiiKind.Email: return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(value).ToLowerInvariant(), target);
            case PiiKind.Phone: return PhoneScanner.Normalise(value, rules, target);
            case PiiKind.Ip: return WriteIp(value, target);
        }

        var count = 0;
        foreach (var b in value)
        {
            if (PiiText.IsDigit(b)) target[count++] = b;
            else if (PiiText.IsLetter(b)) target[count++] = (byte)(b & ~0x20);
        }

        return count;
    }

    private static int WriteIp(ReadOnlySpan<byte> value, Span<byte> target)
    {
        // The zone is a name within one machine.
        var zone = value.IndexOf((byte)'%');
        if (IPAddress.TryParse(Encoding.ASCII.GetString(zone < 0 ? value : value[..zone]), out var address))
        {
            if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
            if (address.TryFormat(target, out var written)) return written;
        }

        value.CopyTo(target);
        return value.Length;
    }
}
