using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Validation;

/// <summary>Puts a token in the place of a value that those with the key and the store can turn back: <c>[phone-kqzv…]</c>.</summary>
/// <remarks>
/// <para>A token is made of the value by a keyed hash (as <see cref="PiiKeyedHash"/> does, for another purpose), so that all hosts with one key make the same tokens without asking
/// each other, and joins still work. The store keeps the value sealed by AES-256-GCM under a key derived from the key (RFC 5869): who has the store alone learns nothing.</para>
/// <para>Tokens are kept before rows that hold them are delivered. A token stands for the value in the form that <see cref="PiiKeyedHash"/> describes.</para>
/// </remarks>
public sealed class PiiTokenisation : PiiMask
{
    private const string Purpose = "mlops.pii.token";
    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int CodeLetters = 32;
    private readonly PiiKey _key;
    private readonly byte[] _sealingKey;
    private readonly byte[] _nonceKey;
    private readonly IPiiTokenStore _store;

    /// <summary>Creates a mask.</summary>
    /// <param name="key">The secret key, at least 16 random bytes; copied.</param>
    /// <param name="store">Where tokens are kept.</param>
    /// <exception cref="ArgumentException">The key is shorter.</exception>
    public PiiTokenisation(ReadOnlySpan<byte> key, IPiiTokenStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _key = new PiiKey(key);
        _store = store;
        (_sealingKey, _nonceKey) = (_key.Derive("mlops.pii.seal", 32), _key.Derive("mlops.pii.nonce", 32));
    }

    /// <summary>Gets the value that a token stands for.</summary>
    /// <param name="token">The token, with its brackets.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The value.</returns>
    /// <exception cref="EntityNotFoundException">The store does not have the token.</exception>
    /// <exception cref="StorageException">What the store has is not what was kept, or was kept with another key.</exception>
    public async Task<string> ResolveAsync(string token, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        return await FindAsync(token, cancellationToken).ConfigureAwait(false)
            ?? throw new EntityNotFoundException("PII token", token, $"The store has no token {token}. Use the store and the key that it was made with.");
    }

    /// <summary>Puts the values back in the place of all tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The text; tokens that the store does not have stay as they are.</returns>
    /// <exception cref="StorageException">What the store has is not what was kept, or was kept with another key.</exception>
    public async Task<string> ResolveTextAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var resolved = new StringBuilder();
        var place = 0;
        while (place < text.Length)
        {
            var start = text.IndexOf('[', place);
            var end = start < 0 ? -1 : FindEnd(text, start);
            resolved.Append(text, place, (start < 0 ? text.Length : start) - place);
            if (start < 0) break;
            var value = end < 0 ? null : await FindAsync(text[start..end], cancellationToken).ConfigureAwait(false);
            place = value is null ? start + 1 : end;
            // A token of a whole text stands for one that may hold tokens itself.
            resolved.Append(value is null ? "[" : text.AsSpan(start).StartsWith("[text-", StringComparison.Ordinal) ? await ResolveTextAsync(value, cancellationToken).ConfigureAwait(false) : value);
        }

        return resolved.ToString();
    }

    internal override void Write(PiiKind? kind, ReadOnlySpan<byte> value, IBufferWriter<byte> target, Dictionary<string, ReadOnlyMemory<byte>> tokens)
    {
        var token = $"[{LabelOf(kind)}-{_key.GetCode($"{Purpose}.{LabelOf(kind)}", value)}]";
        if (!tokens.ContainsKey(token)) tokens.Add(token, Seal(token, value));
        Encoding.ASCII.GetBytes(token, target);
    }

    internal override Task SaveAsync(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken) => _store.AddAsync(tokens, cancellationToken);

    private static int FindEnd(string text, int start)
    {
        var end = text.AsSpan(start, Math.Min(text.Length - start, "[email-]".Length + CodeLetters)).IndexOf(']');
        return end < CodeLetters ? -1 : start + end + 1;
    }

    private async Task<string?> FindAsync(string token, CancellationToken cancellationToken)
        => await _store.FindAsync(token, cancellationToken).ConfigureAwait(false) is { } content ? Open(token, content.Span) : null;

    private byte[] Seal(string token, ReadOnlySpan<byte> value)
    {
        var content = new byte[1 + value.Length + TagBytes];
        content[0] = Version;
        using var cipher = new AesGcm(_sealingKey, TagBytes);
        cipher.Encrypt(NonceOf(token), value, content.AsSpan(1, value.Length), content.AsSpan(1 + value.Length), Encoding.ASCII.GetBytes(token));
        return content;
    }

    private string Open(string token, ReadOnlySpan<byte> content)
    {
        if (content.Length < 1 + TagBytes || content[0] != Version) throw Unreadable(token, null);
        var value = new byte[content.Length - 1 - TagBytes];
        using var cipher = new AesGcm(_sealingKey, TagBytes);
        try
        {
            cipher.Decrypt(NonceOf(token), content[1..^TagBytes], content[^TagBytes..], value, Encoding.ASCII.GetBytes(token));
        }
        catch (CryptographicException error)
        {
            throw Unreadable(token, error);
        }

        return Encoding.UTF8.GetString(value);
    }

    // One token stands for one value, so a nonce made of it never seals two values; and all hosts seal alike, so that contents can be compared.
    private byte[] NonceOf(string token) => HMACSHA256.HashData(_nonceKey, Encoding.UTF8.GetBytes(token))[..NonceBytes];

    private static StorageException Unreadable(string token, Exception? error)
        => new("PII tokens", "resolve token", $"What is kept for the token {token} cannot be opened: it was kept with another key or changed since.", error);
}
