using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Monitoring;

/// <summary>Counts values in bins with known edges.</summary>
/// <remarks>
/// Few edges: for each, the values at or above it are counted with whole vectors, four edges to a pass over values that stay in the first cache; the differences are the bins.
/// More edges: a table of equal-width buckets says at which edge to start, and one step, rarely more, leads to the bin. Edges that crowd into few buckets are searched by halving.
/// </remarks>
internal sealed class BinCounter
{
    private const int MaximumComparedEdges = 32;
    private const int StripValues = 1024;
    private const int BucketsPerEdge = 16;
    private const int MaximumEdgesPerBucket = 8;

    private readonly double[] _edges;
    private readonly int[] _starts = [];
    private readonly double _perWidth;

    public BinCounter(double[] edges)
    {
        _edges = edges;
        if (edges.Length <= MaximumComparedEdges) return;
        var starts = new int[BucketsPerEdge * edges.Length];
        _perWidth = starts.Length / (edges[^1] - edges[0]);
        foreach (var edge in edges)
        {
            var bucket = GetBucket(edge, starts.Length);
            if (bucket + 1 < starts.Length) starts[bucket + 1]++;
        }

        if (starts.Max() > MaximumEdgesPerBucket) return;
        // An edge in a bucket before that of a value lies below the value, because buckets ascend with values.
        for (var bucket = 1; bucket < starts.Length; bucket++) starts[bucket] += starts[bucket - 1];
        _starts = starts;
    }

    public long[] Count(ReadOnlySpan<double> values)
    {
        var counts = new long[_edges.Length + 1];
        if (_edges.Length <= MaximumComparedEdges) CountByComparing(values, counts);
        else if (_starts.Length > 0) CountByBucket(values, counts);
        else CountByHalving(values, counts);
        return counts;
    }

    private void CountByComparing(ReadOnlySpan<double> values, long[] counts)
    {
        // The number of values at or above each edge; before the first edge all that are not missing.
        Span<double> edges = stackalloc double[MaximumComparedEdges + 4];
        Span<long> above = stackalloc long[MaximumComparedEdges + 4];
        edges.Fill(double.NaN);
        above.Clear();
        edges[0] = double.NegativeInfinity;
        _edges.CopyTo(edges[1..]);
        for (var start = 0; start < values.Length; start += StripValues)
        {
            var strip = values.Slice(start, Math.Min(StripValues, values.Length - start));
            for (var edge = 0; edge <= _edges.Length; edge += 4)
            {
                if (Vector512.IsHardwareAccelerated) CountAbove512(strip, edges.Slice(edge, 4), above.Slice(edge, 4));
                else CountAbove256(strip, edges.Slice(edge, 4), above.Slice(edge, 4));
            }
        }

        for (var bin = 0; bin < counts.Length; bin++) counts[bin] = above[bin] - (bin + 1 < counts.Length ? above[bin + 1] : 0);
    }

    private static void CountAbove512(ReadOnlySpan<double> values, ReadOnlySpan<double> edges, Span<long> above)
    {
        var (a, b, c, d) = (Vector512.Create(edges[0]), Vector512.Create(edges[1]), Vector512.Create(edges[2]), Vector512.Create(edges[3]));
        Vector512<long> aboveA = default, aboveB = default, aboveC = default, aboveD = default;
        var length = values.Length - (values.Length % Vector512<double>.Count);
        foreach (var vector in MemoryMarshal.Cast<double, Vector512<double>>(values[..length]))
        {
            // A comparison that holds is −1 in every lane.
            aboveA -= Vector512.GreaterThanOrEqual(vector, a).AsInt64();
            aboveB -= Vector512.GreaterThanOrEqual(vector, b).AsInt64();
            aboveC -= Vector512.GreaterThanOrEqual(vector, c).AsInt64();
            aboveD -= Vector512.GreaterThanOrEqual(vector, d).AsInt64();
        }

        above[0] += Vector512.Sum(aboveA);
        above[1] += Vector512.Sum(aboveB);
        above[2] += Vector512.Sum(aboveC);
        above[3] += Vector512.Sum(aboveD);
        CountAboveRest(values[length..], edges, above);
    }

    private static void CountAbove256(ReadOnlySpan<double> values, ReadOnlySpan<double> edges, Span<long> above)
    {
        var (a, b, c, d) = (Vector256.Create(edges[0]), Vector256.Create(edges[1]), Vector256.Create(edges[2]), Vector256.Create(edges[3]));
        Vector256<long> aboveA = default, aboveB = default, aboveC = default, aboveD = default;
        var length = values.Length - (values.Length % Vector256<double>.Count);
        foreach (var vector in MemoryMarshal.Cast<double, Vector256<double>>(values[..length]))
        {
            aboveA -= Vector256.GreaterThanOrEqual(vector, a).AsInt64();
            aboveB -= Vector256.GreaterThanOrEqual(vector, b).AsInt64();
            aboveC -= Vector256.GreaterThanOrEqual(vector, c).AsInt64();
            aboveD -= Vector256.GreaterThanOrEqual(vector, d).AsInt64();
        }

        above[0] += Vector256.Sum(aboveA);
        above[1] += Vector256.Sum(aboveB);
        above[2] += Vector256.Sum(aboveC);
        above[3] += Vector256.Sum(aboveD);
        CountAboveRest(values[length..], edges, above);
    }

    private static void CountAboveRest(ReadOnlySpan<double> values, ReadOnlySpan<double> edges, Span<long> above)
    {
        foreach (var value in values)
        {
            for (var edge = 0; edge < edges.Length; edge++) above[edge] += value >= edges[edge] ? 1 : 0;
        }
    }

    private void CountByBucket(ReadOnlySpan<double> values, long[] counts)
    {
        double[] edges = _edges;
        int[] starts = _starts;
        foreach (var value in values)
        {
            if (double.IsNaN(value)) continue;
            var bin = starts[GetBucket(value, starts.Length)];
            while (bin < edges.Length && value >= edges[bin]) bin++;
            counts[bin]++;
        }
    }

    private void CountByHalving(ReadOnlySpan<double> values, long[] counts)
    {
        double[] edges = _edges;
        foreach (var value in values)
        {
            if (double.IsNaN(value)) continue;
            int low = 0, length = edges.Length;
            while (length > 0)
            {
                var half = length >> 1;
                var isAbove = value >= edges[low + half];
                low = isAbove ? low + half + 1 : low;
                length = isAbove ? length - half - 1 : half;
            }

            counts[low]++;
        }
    }

    private int GetBucket(double value, int bucketCount) => (int)Math.Clamp((value - _edges[0]) * _perWidth, 0, bucketCount - 1);
}
