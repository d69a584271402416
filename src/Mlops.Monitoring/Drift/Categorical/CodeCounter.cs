using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Monitoring;

/// <summary>Counts how often each code occurs.</summary>
/// <remarks>
/// Of few categories, pairs of codes that lie side by side are counted, which halves the stores; of more, single codes. Either is counted in four arrays in turns, so that runs of one code do not wait for their own last store.
/// </remarks>
internal static class CodeCounter
{
    private const int CodeBits = 6;

    /// <summary>One place is for missing codes.</summary>
    private const int MaximumPairedCategories = (1 << CodeBits) - 1;
    private const int PairCount = 1 << (2 * CodeBits);
    private const int MaximumInterleavedCategories = 1 << 14;
    private const int BlockRows = 1 << 20;

    /// <summary>Vectors that are paired at a time, which stay in the nearest cache.</summary>
    private const int StripVectors = 128;
    private const int Arrays = 4;

    /// <summary>The length of an array. Places that lie a multiple of 4,096 bytes apart would wait for each other.</summary>
    private const int Stride = PairCount + 16;

    /// <summary>The number of rows from which on arrays of their own pay.</summary>
    private const int ManyRows = 1 << 13;

    public static long[] Count(ReadOnlySpan<int> codes, int categoryCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(categoryCount);
        var counts = new long[categoryCount];
        for (var start = 0; start < codes.Length; start += BlockRows)
        {
            var block = codes.Slice(start, Math.Min(BlockRows, codes.Length - start));
            if (categoryCount <= MaximumPairedCategories && block.Length >= ManyRows && Vector256.IsHardwareAccelerated) CountPairs(block, counts);
            else if (categoryCount <= MaximumInterleavedCategories) CountInterleaved(block, counts);
            else CountOneByOne(block, counts);
        }

        return counts;
    }

    private static void CountPairs(ReadOnlySpan<int> codes, long[] counts)
    {
        var length = codes.Length - (codes.Length % Vector256<int>.Count);
        var vectors = MemoryMarshal.Cast<int, Vector256<int>>(codes[..length]);
        Span<ulong> pairs = stackalloc ulong[StripVectors * Vector256<ulong>.Count];
        ref var pair = ref MemoryMarshal.GetReference(pairs);
        var partial = new int[Arrays * Stride];
        ref var place = ref MemoryMarshal.GetArrayDataReference(partial);
        for (var start = 0; start < vectors.Length; start += StripVectors)
        {
            var strip = vectors.Slice(start, Math.Min(StripVectors, vectors.Length - start));
            var largest = Vector256<uint>.Zero;
            for (var i = 0; i < strip.Length; i++)
            {
                var both = GetPlaces(strip[i], ref largest).AsUInt64();
                ((both | (both >> (32 - CodeBits))) & Vector256.Create((ulong)PairCount - 1)).StoreUnsafe(ref pair, (nuint)(i * Vector256<ulong>.Count));
            }

            ThrowIfBeyond(largest, counts.Length);
            // A pair has 12 bits, so that its place lies within the array.
            for (nint i = 0; i < strip.Length * Vector256<ulong>.Count; i += Arrays)
            {
                nint a = (nint)Unsafe.Add(ref pair, i), b = (nint)Unsafe.Add(ref pair, i + 1), c = (nint)Unsafe.Add(ref pair, i + 2), d = (nint)Unsafe.Add(ref pair, i + 3);
                Unsafe.Add(ref place, a)++;
                Unsafe.Add(ref place, b + Stride)++;
                Unsafe.Add(ref place, c + (2 * Stride))++;
                Unsafe.Add(ref place, d + (3 * Stride))++;
            }
        }

        for (var i = 0; i < PairCount; i++)
        {
            long count = 0;
            for (var array = 0; array < Arrays; array++) count += partial[(array * Stride) + i];
            int low = (i & MaximumPairedCategories) - 1, high = (i >> CodeBits) - 1;
            if (low >= 0 && count > 0) counts[low] += count;
            if (high >= 0 && count > 0) counts[high] += count;
        }

        CountOneByOne(codes[length..], counts);
    }

    private static void CountInterleaved(ReadOnlySpan<int> codes, long[] counts)
    {
        // The place in front of each array takes code -1.
        var stride = (uint)counts.Length + 1;
        var partial = new int[4 * stride];
        ref var place = ref MemoryMarshal.GetArrayDataReference(partial);
        ref var code = ref MemoryMarshal.GetReference(codes);
        var i = 0;
        for (; i + 4 <= codes.Length; i += 4)
        {
            uint a = (uint)Unsafe.Add(ref code, i) + 1, b = (uint)Unsafe.Add(ref code, i + 1) + 1, c = (uint)Unsafe.Add(ref code, i + 2) + 1, d = (uint)Unsafe.Add(ref code, i + 3) + 1;
            // Tests that never fail cost less than limiting each code.
            if (a >= stride || b >= stride || c >= stride || d >= stride)
            {
                CountOneByOne(codes.Slice(i, 4), counts);
                continue;
            }

            Unsafe.Add(ref place, a)++;
            Unsafe.Add(ref place, b + stride)++;
            Unsafe.Add(ref place, c + (2 * stride))++;
            Unsafe.Add(ref place, d + (3 * stride))++;
        }

        for (var category = 0u; category < (uint)counts.Length; category++)
            counts[category] += (long)partial[category + 1] + partial[category + 1 + stride] + partial[category + 1 + (2 * stride)] + partial[category + 1 + (3 * stride)];
        CountOneByOne(codes[i..], counts);
    }

    /// <summary>Gets the codes plus 1, 0 being a missing one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> GetPlaces(Vector256<int> codes, ref Vector256<uint> largest)
    {
        // The largest number becomes the smallest one here, which is the largest again without its sign.
        var places = Vector256.Max(codes, Vector256<int>.AllBitsSet) + Vector256<int>.One;
        largest = Vector256.Max(largest, places.AsUInt32());
        return places;
    }

    private static void ThrowIfBeyond(Vector256<uint> largest, int categoryCount)
    {
        if (Vector256.GreaterThanAny(largest, Vector256.Create((uint)categoryCount))) throw Beyond(categoryCount);
    }

    private static void CountOneByOne(ReadOnlySpan<int> codes, long[] counts)
    {
        foreach (var code in codes)
        {
            if (code >= counts.Length) throw Beyond(counts.Length);
            if (code >= 0) counts[code]++;
        }
    }

    private static ArgumentOutOfRangeException Beyond(int categoryCount)
        => new(nameof(categoryCount), $"A code is not below the number of categories, {categoryCount}.");
}
