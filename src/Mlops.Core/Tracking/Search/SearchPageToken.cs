using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Tracking;

/// <summary>The text form of a place in the order of a query: a version, the hash of the query, and the keys of the last thing of the page.</summary>
internal static class SearchPageToken
{
    public const int HashLength = 8;

    private const byte FormatVersion = 1;
    private const byte MissingKey = 0;
    private const byte NumberKey = 1;
    private const byte TextKey = 2;
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Hashes what makes a query another one; each part counts by itself.</summary>
    public static byte[] Hash(IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(Encoding.Unicode.GetBytes(part));
        }

        return hash.GetHashAndReset()[..HashLength];
    }

    public static string Encode(ReadOnlySpan<byte> queryHash, IReadOnlyList<SearchKey> keys)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, s_utf8);
        writer.Write(FormatVersion);
        writer.Write(queryHash);
        foreach (var key in keys)
        {
            writer.Write(key.IsMissing ? MissingKey : key.Text is null ? NumberKey : TextKey);
            if (key.Number is { } number) writer.Write(BitConverter.DoubleToInt64Bits(number));
            if (key.Text is not { } text) continue;
            var encoded = Encoding.UTF8.GetBytes(text);
            writer.Write7BitEncodedInt(encoded.Length);
            writer.Write(encoded);
        }

        writer.Flush();
        return Base64Url.EncodeToString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Reads a token.</summary>
    /// <exception cref="ArgumentException">It is malformed, or belongs to another query.</exception>
    public static SearchKey[] Decode(string token, ReadOnlySpan<byte> queryHash, int count)
    {
        byte[] bytes;
        try
        {
            bytes = Base64Url.DecodeFromChars(token);
        }
        catch (FormatException)
        {
            throw Malformed();
        }

        if (bytes.Length < 1 + HashLength || bytes[0] != FormatVersion) throw Malformed();
        if (!bytes.AsSpan(1, HashLength).SequenceEqual(queryHash))
            throw new ArgumentException("The page token belongs to another query: a token goes on only with the filter, order and scope that it came from. Leave it away to start anew.", nameof(token));
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, 1 + HashLength, bytes.Length - 1 - HashLength), s_utf8);
            var keys = new SearchKey[count];
            for (var i = 0; i < count; i++)
            {
                keys[i] = reader.ReadByte() switch
                {
                    MissingKey => SearchKey.Missing,
                    NumberKey => SearchKey.Of(BitConverter.Int64BitsToDouble(reader.ReadInt64())),
                    TextKey => SearchKey.Of(ReadText(reader)),
                    _ => throw Malformed(),
                };
            }

            return reader.BaseStream.Position == reader.BaseStream.Length ? keys : throw Malformed();
        }
        catch (Exception error) when (error is EndOfStreamException or DecoderFallbackException or FormatException)
        {
            throw Malformed();
        }
    }

    private static string ReadText(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        if (length < 0 || length > reader.BaseStream.Length - reader.BaseStream.Position) throw Malformed();
        var text = s_utf8.GetString(reader.ReadBytes(length));
        return SearchTexts.IndexOfForbidden(text) < 0 ? text : throw Malformed();
    }

    private static ArgumentException Malformed() => new("The page token is malformed; give the NextPageToken of the page before as it is, or leave it away to start anew.", "token");
}
