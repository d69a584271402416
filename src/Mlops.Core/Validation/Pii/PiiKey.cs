using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Validation;

/// <summary>A secret key for masks. Never written to a message or text.</summary>
internal sealed class PiiKey
{
    private const int FewestBytes = 16;
    // Neither hexadecimal digits, which IPv6 addresses have, nor vowels, which make words.
    private const string Letters = "ghjkmnpqrstvwxyz";
    private const int CodeBytes = 16;
    private readonly byte[] _key;

    /// <summary>Copies a key.</summary>
    /// <exception cref="ArgumentException">It has fewer than 16 bytes.</exception>
    public PiiKey(ReadOnlySpan<byte> key)
    {
        if (key.Length < FewestBytes)
            throw new ArgumentException($"The key has {key.Length} bytes; it needs at least {FewestBytes}. Use random bytes from a secret store, not a password.", nameof(key));
        _key = key.ToArray();
    }

    /// <summary>Makes the code of a value: 128 bits of HMAC-SHA-256 (RFC 2104), as 32 letters.</summary>
    /// <param name="purpose">What the code is for: codes for one purpose tell nothing of those for another.</param>
    /// <param name="value">The value.</param>
    public string GetCode(string purpose, ReadOnlySpan<byte> value)
    {
        var length = Encoding.UTF8.GetByteCount(purpose) + 1 + value.Length;
        var rented = length > 1024 ? ArrayPool<byte>.Shared.Rent(length) : null;
        var input = (rented ?? stackalloc byte[1024])[..length];
        input[Encoding.UTF8.GetBytes(purpose, input)] = 0;
        value.CopyTo(input[^value.Length..]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, input, hash);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        Span<char> letters = stackalloc char[CodeBytes * 2];
        for (var i = 0; i < CodeBytes; i++) (letters[2 * i], letters[(2 * i) + 1]) = (Letters[hash[i] >> 4], Letters[hash[i] & 15]);
        return letters.ToString();
    }

    /// <summary>Makes a key for another purpose.</summary>
    public byte[] Derive(string purpose, int bytes) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, bytes, info: Encoding.UTF8.GetBytes(purpose));
}
