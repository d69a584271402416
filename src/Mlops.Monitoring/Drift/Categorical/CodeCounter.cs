using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Monitoring;

/// <summary>Counts how often each code occurs.</summary>
/// <remarks>
/// Few categories are compared with whole vectors of codes; more are counted in four interleaved arrays, so that runs of one code do not wait for their own last store.
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
        var length = codes.Length - (codes.Length % Vector256<int>.Count);
        var vectors = MemoryMarshal.Cast<int, Vector256<int>>(codes[..length]);
        var limit = Vector256.Create(counts.Length);
        var beyond = Vector256<int>.Zero;
        // Two categories a pass: the codes stay in the cache between passes, and every pass is bound by the loads.
        foreach (var vector in vectors) beyond |= Vector256.GreaterThanOrEqual(vector, limit);
        if (beyond != Vector256<int>.Zero) throw Beyond(counts.Length);
        const int Strip = 1024;
        for (var start = 0; start < vectors.Length; start += Strip)
        {
            var strip = vectors.Slice(start, Math.Min(Strip, vectors.Length - start));
            var category = 0;
            for (; category + 1 < counts.Length; category += 2)
            {
                var (first, second) = (Vector256.Create(category), Vector256.Create(category + 1));
                Vector256<int> a = default, b = default;
                foreach (var vector in strip)
                {
                    a -= Vector256.Equals(vector, first);
                    b -= Vector256.Equals(vector, second);
                }

                counts[category] += Vector256.Sum(a);
                counts[category + 1] += Vector256.Sum(b);
            }

            if (category >= counts.Length) continue;
            var last = Vector256.Create(category);
            Vector256<int> c = default;
            foreach (var vector in strip) c -= Vector256.Equals(vector, last);
            counts[category] += Vector256.Sum(c);
        }

        CountOneByOne(codes[length..], counts);
    }

    private static void CountInterleaved(ReadOnlySpan<int> codes, long[] counts)
    {
        // One place in front takes the missing ones; a code beyond the last category fails at the check.
        var stride = counts.Length + 1;
        var partial = new int[4 * stride];
        ref var place = ref MemoryMarshal.GetArrayDataReference(partial);
        ref var code = ref MemoryMarshal.GetReference(codes);
        var i = 0;
        var largest = -1;
        for (; i + 4 <= codes.Length; i += 4)
        {
            int a = Unsafe.Add(ref code, i), b = Unsafe.Add(ref code, i + 1), c = Unsafe.Add(ref code, i + 2), d = Unsafe.Add(ref code, i + 3);
            largest = Math.Max(Math.Max(a, b), Math.Max(c, d));
            if (largest >= counts.Length) throw Beyond(counts.Length);
            Unsafe.Add(ref place, Math.Max(a, -1) + 1)++;
            Unsafe.Add(ref place, Math.Max(b, -1) + 1 + stride)++;
            Unsafe.Add(ref place, Math.Max(c, -1) + 1 + (2 * stride))++;
            Unsafe.Add(ref place, Math.Max(d, -1) + 1 + (3 * stride))++;
        }

        for (var category = 0; category < counts.Length; category++)
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
