using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlops.Profiles;

/// <summary>The 128-bit hash of the sketches, equal on every machine.</summary>
/// <remarks>
/// <para>One number is hashed as its 8 little-endian bytes. The paths for one number, for many and for bytes agree.</para>
/// <para>Source: A. Appleby, MurmurHash3_x64_128, public domain, 2011. Apache DataSketches hashes with seed 9001.</para>
/// </remarks>
internal static class MurmurHash3
{
    /// <summary>The seed of every sketch.</summary>
    internal const ulong DefaultSeed = 9001;

    private const ulong C1 = 0x87C37B91114253D5;
    private const ulong C2 = 0x4CF5AD432745937F;
    private const ulong Mix1 = 0xFF51AFD7ED558CCD;
    private const ulong Mix2 = 0xC4CEB9FE1A85EC53;

    /// <summary>Hashes bytes.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The two halves of the hash.</returns>
    internal static (ulong First, ulong Second) Hash(ReadOnlySpan<byte> data, ulong seed = DefaultSeed)
    {
        var h1 = seed;
        var h2 = seed;
        var rest = data;
        while (rest.Length >= 16)
        {
            h1 ^= Scramble1(BinaryPrimitives.ReadUInt64LittleEndian(rest));
            h1 = ((BitOperations.RotateLeft(h1, 27) + h2) * 5) + 0x52DCE729;
            h2 ^= Scramble2(BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
            h2 = ((BitOperations.RotateLeft(h2, 31) + h1) * 5) + 0x38495AB5;
            rest = rest[16..];
        }

        if (rest.Length > 8)
        {
            h2 ^= Scramble2(ReadPartial(rest[8..]));
            rest = rest[..8];
        }

        if (!rest.IsEmpty) h1 ^= Scramble1(ReadPartial(rest));
        return Finish(h1 ^ (ulong)data.Length, h2 ^ (ulong)data.Length);
    }

    /// <summary>Hashes the 8 little-endian bytes of a number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The two halves of the hash.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (ulong First, ulong Second) Hash(ulong value, ulong seed = DefaultSeed)
        => Finish(seed ^ Scramble1(value) ^ 8, seed ^ 8);

    /// <summary>Hashes numbers, each as its 8 little-endian bytes.</summary>
    /// <param name="values">The numbers, shape (n).</param>
    /// <param name="first">The first halves, shape (n).</param>
    internal static void HashFirst(ReadOnlySpan<ulong> values, Span<ulong> first)
    {
        if (Vector512.IsHardwareAccelerated && Avx512DQ.IsSupported) HashFirst512(values, first);
        else if (Avx512DQ.VL.IsSupported) HashFirst256(values, first);
        else HashFirstScalar(values, first);
    }

    internal static void HashFirstScalar(ReadOnlySpan<ulong> values, Span<ulong> first)
    {
        first = first[..values.Length];
        for (var i = 0; i < values.Length; i++) first[i] = Hash(values[i]).First;
    }

    internal static void HashFirst256(ReadOnlySpan<ulong> values, Span<ulong> first)
    {
        first = first[..values.Length];
        var i = 0;
        for (; i <= values.Length - Vector256<ulong>.Count; i += Vector256<ulong>.Count)
        {
            Hash(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)i), out var h1, out _);
            h1.StoreUnsafe(ref MemoryMarshal.GetReference(first), (nuint)i);
        }

        HashFirstScalar(values[i..], first[i..]);
    }

    internal static void HashFirst512(ReadOnlySpan<ulong> values, Span<ulong> first)
    {
        first = first[..values.Length];
        var i = 0;
        for (; i <= values.Length - Vector512<ulong>.Count; i += Vector512<ulong>.Count)
        {
            Hash(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)i), out var h1, out _);
            h1.StoreUnsafe(ref MemoryMarshal.GetReference(first), (nuint)i);
        }

        HashFirstScalar(values[i..], first[i..]);
    }

    /// <summary>Hashes four numbers at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Hash(Vector256<ulong> values, out Vector256<ulong> first, out Vector256<ulong> second)
    {
        var k = values * C1;
        k = ((k << 31) | (k >>> 33)) * C2;
        var h1 = (k ^ Vector256.Create(DefaultSeed ^ 8)) + Vector256.Create(DefaultSeed ^ 8);
        var h2 = h1 + Vector256.Create(DefaultSeed ^ 8);
        h1 = Avalanche(h1);
        h2 = Avalanche(h2);
        first = h1 + h2;
        second = first + h2;
    }

    /// <summary>Hashes eight numbers at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Hash(Vector512<ulong> values, out Vector512<ulong> first, out Vector512<ulong> second)
    {
        var k = values * C1;
        k = ((k << 31) | (k >>> 33)) * C2;
        var h1 = (k ^ Vector512.Create(DefaultSeed ^ 8)) + Vector512.Create(DefaultSeed ^ 8);
        var h2 = h1 + Vector512.Create(DefaultSeed ^ 8);
        h1 = Avalanche(h1);
        h2 = Avalanche(h2);
        first = h1 + h2;
        second = first + h2;
    }

    /// <summary>Spreads every bit of a number over all others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Avalanche(ulong h)
    {
        h = (h ^ (h >> 33)) * Mix1;
        h = (h ^ (h >> 33)) * Mix2;
        return h ^ (h >> 33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Avalanche(Vector256<ulong> h)
    {
        h = (h ^ (h >>> 33)) * Mix1;
        h = (h ^ (h >>> 33)) * Mix2;
        return h ^ (h >>> 33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Avalanche(Vector512<ulong> h)
    {
        h = (h ^ (h >>> 33)) * Mix1;
        h = (h ^ (h >>> 33)) * Mix2;
        return h ^ (h >>> 33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong First, ulong Second) Finish(ulong h1, ulong h2)
    {
        h1 += h2;
        h2 += h1;
        h1 = Avalanche(h1);
        h2 = Avalanche(h2);
        h1 += h2;
        return (h1, h1 + h2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Scramble1(ulong k) => BitOperations.RotateLeft(k * C1, 31) * C2;

    private static ulong Scramble2(ulong k) => BitOperations.RotateLeft(k * C2, 33) * C1;

    private static ulong ReadPartial(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 8) return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var value = 0UL;
        for (var i = bytes.Length - 1; i >= 0; i--) value = (value << 8) | bytes[i];
        return value;
    }
}
