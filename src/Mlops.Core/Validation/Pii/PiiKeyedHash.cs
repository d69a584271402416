using System.Buffers;
using System.Text;

namespace Mlops.Validation;

/// <summary>Puts a keyed hash in the place of a value, so that joins still work: <c>[email-kqzv…]</c>.</summary>
/// <remarks>
/// <para>128 bits of HMAC-SHA-256 (RFC 2104) as 32 letters. The same value under the same key has the same hash in every column and dataset; without the key, values cannot be
/// guessed and compared.</para>
/// <para>Ways of writing one value have one hash: e-mail addresses in lower case; account numbers in upper case without spaces; cards as digits; telephone numbers as E.164
/// (<c>+491701234567</c>), national ones by the first locale that fits; addresses of the Internet Protocol in their shortest form, IPv4 within IPv6 as IPv4.</para>
/// </remarks>
public sealed class PiiKeyedHash : PiiMask
{
    private const string Purpose = "mlops.pii.hash";
    private readonly PiiKey _key;

    /// <summary>Creates a mask.</summary>
    /// <param name="key">The secret key, at least 16 random bytes; copied.</param>
    /// <exception cref="ArgumentException">The key is shorter.</exception>
    public PiiKeyedHash(ReadOnlySpan<byte> key) => _key = new PiiKey(key);

    internal override void Write(PiiKind? kind, ReadOnlySpan<byte> value, IBufferWriter<byte> target, Dictionary<string, ReadOnlyMemory<byte>> tokens)
        => Encoding.ASCII.GetBytes($"[{LabelOf(kind)}-{_key.GetCode($"{Purpose}.{LabelOf(kind)}", value)}]", target);
}
