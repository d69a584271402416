using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Mlops.Training;

/// <summary>Chooses the bucket and the sign of a text.</summary>
/// <remarks>Source: A. Appleby, MurmurHash3_x86_32, public domain, 2011, of the UTF-8 bytes with seed 0. Half of a surrogate pair counts as U+FFFD.</remarks>
internal static class TextHash
{
    private const uint C1 = 0xCC9E2D51;
    private const uint C2 = 0x1B873593;
    private const int StackBytes = 384;

    public static (int Bucket, int Sign) Of(ReadOnlySpan<char> text, int buckets) => Of(text, buckets, lowerCase: false);

    /// <summary>As <see cref="Of(ReadOnlySpan{char}, int)"/>, of the text with a to z for A to Z.</summary>
    public static (int Bucket, int Sign) OfLowerCase(ReadOnlySpan<char> text, int buckets) => Of(text, buckets, lowerCase: true);

    /// <summary>The hash of bytes.</summary>
    public static int Hash(ReadOnlySpan<byte> bytes)
    {
        uint hash = 0;
        var rest = bytes;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            hash ^= Scramble(BinaryPrimitives.ReadUInt32LittleEndian(rest));
            hash = (BitOperations.RotateLeft(hash, 13) * 5) + 0xE6546B64;
        }

        uint tail = 0;
        for (var i = rest.Length - 1; i >= 0; i--) tail = (tail << 8) | rest[i];
        hash ^= Scramble(tail) ^ (uint)bytes.Length;
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return (int)(hash ^ (hash >> 16));
    }

    private static (int Bucket, int Sign) Of(ReadOnlySpan<char> text, int buckets, bool lowerCase)
    {
        var capacity = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = capacity > StackBytes ? ArrayPool<byte>.Shared.Rent(capacity) : null;
        var bytes = rented ?? stackalloc byte[StackBytes];
        bytes = bytes[..Encoding.UTF8.GetBytes(text, bytes)];
        if (lowerCase) ToLowerCase(bytes);
        var hash = Hash(bytes);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return ((int)(Math.Abs((long)hash) % buckets), hash < 0 ? -1 : 1);
    }

    /// <summary>In UTF-8 a byte below 128 is an ASCII character.</summary>
    private static void ToLowerCase(Span<byte> bytes)
    {
        foreach (ref var letter in bytes)
        {
            if (letter is >= (byte)'A' and <= (byte)'Z') letter += 'a' - 'A';
        }
    }

    private static uint Scramble(uint k) => BitOperations.RotateLeft(k * C1, 15) * C2;
}
