using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Monitoring;

/// <summary>Counts how often each code occurs.</summary>
/// <remarks>
/// Few categories are compared with whole vectors of codes; more are counted in four arrays in turns, so that runs of one code do not wait for their own last store.
/// </remarks>
internal static class CodeCounter
{
    private const int MaximumComparedCategories = 8;
    private const int MaximumInterleavedCategories = 1 << 14;
    private const int BlockRows = 1 << 20;

    public static long[] Count(ReadOnlySpan<int> codes, int categoryCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(categoryCount);
        var counts = new long[categoryCount];
        for (var start = 0; start < codes.Length; start += BlockRows)
        {
            var block = codes.Slice(start, Math.Min(BlockRows, codes.Length - start));
            if (categoryCount <= MaximumComparedCategories && Vector256.IsHardwareAccelerated) CountByComparing(block, counts);
            else if (categoryCount <= MaximumInterleavedCategories) CountInterleaved(block, counts);
            else CountOneByOne(block, counts);
        }

        return counts;
    }

    private static void CountByComparing(ReadOnlySpan<int> codes, long[] counts)
    {
        // A strip stays in the nearest cache while every category is compared with it, four at a time.
        const int Strip = 512;
        var length = codes.Length - (codes.Length % Vector256<int>.Count);
        var vectors = MemoryMarshal.Cast<int, Vector256<int>>(codes[..length]);
        var largest = Vector256.Create(-1);
        for (var start = 0; start < vectors.Length; start += Strip)
        {
            var strip = vectors.Slice(start, Math.Min(Strip, vectors.Length - start));
            foreach (var vector in strip) largest = Vector256.Max(largest, vector);
            for (var category = 0; category < counts.Length; category += 4)
            {
                Vector256<int> a = default, b = default, c = default, d = default;
                Vector256<int> first = Vector256.Create(category), second = Vector256.Create(category + 1), third = Vector256.Create(category + 2), fourth = Vector256.Create(category + 3);
                foreach (var vector in strip)
                {
                    a -= Vector256.Equals(vector, first);
                    b -= Vector256.Equals(vector, second);
                    c -= Vector256.Equals(vector, third);
                    d -= Vector256.Equals(vector, fourth);
                }

                counts[category] += Vector256.Sum(a);
                if (category + 1 < counts.Length) counts[category + 1] += Vector256.Sum(b);
                if (category + 2 < counts.Length) counts[category + 2] += Vector256.Sum(c);
                if (category + 3 < counts.Length) counts[category + 3] += Vector256.Sum(d);
            }
        }

        if (Vector256.GreaterThanOrEqualAny(largest, Vector256.Create(counts.Length))) throw Beyond(counts.Length);
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
