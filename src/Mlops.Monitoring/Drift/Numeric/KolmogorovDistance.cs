using System.Numerics;
using System.Runtime.InteropServices;

namespace Mlops.Monitoring;

/// <summary>The largest difference between the cumulative distributions of two samples, exactly, mostly without sorting them.</summary>
/// <remarks>
/// Counts both samples in buckets, which gives the difference at every border; a bucket whose values, in the worst order, cannot exceed the largest difference known is dropped.
/// The few that are left are counted again within themselves, by equal widths and by the bits of the values in turn, until they are short enough to be sorted.
/// The result is that of a full sort. Time O(n + m) for any distribution met in practice; memory O(n + m) at worst.
/// </remarks>
internal sealed class KolmogorovDistance
{
    private const int SortedLength = 512;
    private const int ValuesPerBucket = 32;
    private const int MaximumBuckets = 1 << 16;
    private const int MaximumDepth = 12;
    private const int SampledValues = 128;

    private readonly long _n;
    private readonly long _m;
    private readonly Alternative _alternative;
    private long _largest;

    private KolmogorovDistance(long n, long m, Alternative alternative) => (_n, _m, _alternative) = (n, m, alternative);

    /// <summary>Gets n·m·D as an integer, so that equal distances compare equal.</summary>
    /// <param name="x">The reference, in any order, without NaN.</param>
    /// <param name="y">The current values, likewise.</param>
    /// <param name="alternative">Which differences count.</param>
    public static long GetNumerator(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Alternative alternative)
    {
        var distance = new KolmogorovDistance(x.Length, y.Length, alternative);
        distance.Search(x, y, 0, 0);
        return distance._largest;
    }

    /// <summary>Gets n·m·D of sorted samples.</summary>
    public static long GetNumeratorOfSorted(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Alternative alternative)
    {
        var distance = new KolmogorovDistance(x.Length, y.Length, alternative);
        distance.Merge(x, y, 0);
        return distance._largest;
    }

    /// <summary>Looks for a larger difference among values before which the difference, times nm, is <paramref name="before"/>.</summary>
    private void Search(ReadOnlySpan<double> x, ReadOnlySpan<double> y, long before, int depth)
    {
        if (x.Length + y.Length <= SortedLength || depth > MaximumDepth)
        {
            double[] sortedX = x.ToArray(), sortedY = y.ToArray();
            Array.Sort(sortedX);
            Array.Sort(sortedY);
            Merge(sortedX, sortedY, before);
            return;
        }

        var count = (int)Math.Clamp(BitOperations.RoundUpToPowerOf2((uint)((x.Length + y.Length) / ValuesPerBucket)), 64, MaximumBuckets);
        if ((depth & 1) == 0)
        {
            var (low, high) = GetMiddle(x, y);
            var scale = (count - 2) / (high - low);
            if (double.IsFinite(scale) && scale > 0)
            {
                Divide(x, y, before, depth, count, new WidthBuckets(low, scale, count - 1));
                return;
            }
        }

        var (minimum, maximum) = GetRange(x);
        var (minimumY, maximumY) = GetRange(y);
        (minimum, maximum) = (Math.Min(minimum, minimumY), Math.Max(maximum, maximumY));
        if (minimum == maximum) Note(before + (x.Length * _m) - (y.Length * _n));
        else Divide(x, y, before, depth, count, new BitBuckets(minimum, maximum, count));
    }

    /// <summary>Gets two values with about all others between them but for outliers, which must not make the buckets wide.</summary>
    private static (double Low, double High) GetMiddle(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Span<double> sample = stackalloc double[2 * SampledValues];
        var count = 0;
        for (var i = 0; i < SampledValues; i++)
        {
            if (!x.IsEmpty) sample[count++] = x[(int)((long)i * x.Length / SampledValues)];
            if (!y.IsEmpty) sample[count++] = y[(int)((long)i * y.Length / SampledValues)];
        }

        sample = sample[..count];
        sample.Sort();
        return (sample[count / 64], sample[count - 1 - (count / 64)]);
    }

    private void Divide<TBuckets>(ReadOnlySpan<double> x, ReadOnlySpan<double> y, long before, int depth, int count, TBuckets buckets)
        where TBuckets : struct, IBuckets
    {
        var countsX = new int[count];
        var countsY = new int[count];
        Count(x, buckets, countsX);
        Count(y, buckets, countsY);
        var running = before;
        for (var i = 0; i < count; i++)
        {
            running += (countsX[i] * _m) - (countsY[i] * _n);
            Note(running);
        }

        // Where the values of each bucket that is left will begin; negative for those that are dropped.
        var (lengthX, lengthY) = (0, 0);
        var startsX = new int[count];
        var startsY = new int[count];
        running = before;
        for (var i = 0; i < count; i++)
        {
            var isLeft = GetBound(running, countsX[i], countsY[i]) > _largest;
            running += (countsX[i] * _m) - (countsY[i] * _n);
            (startsX[i], startsY[i]) = isLeft ? (lengthX, lengthY) : (-1, -1);
            if (!isLeft) continue;
            lengthX += countsX[i];
            lengthY += countsY[i];
        }

        if (lengthX + lengthY == 0) return;
        var leftX = GC.AllocateUninitializedArray<double>(lengthX);
        var leftY = GC.AllocateUninitializedArray<double>(lengthY);
        Gather(x, buckets, (int[])startsX.Clone(), leftX);
        Gather(y, buckets, (int[])startsY.Clone(), leftY);
        running = before;
        for (var i = 0; i < count; i++)
        {
            if (startsX[i] >= 0 && GetBound(running, countsX[i], countsY[i]) > _largest)
                Search(leftX.AsSpan(startsX[i], countsX[i]), leftY.AsSpan(startsY[i], countsY[i]), running, depth + 1);
            running += (countsX[i] * _m) - (countsY[i] * _n);
        }
    }

    private static void Count<TBuckets>(ReadOnlySpan<double> values, TBuckets buckets, int[] counts)
        where TBuckets : struct, IBuckets
    {
        foreach (var value in values) counts[buckets.Find(value)]++;
    }

    private static void Gather<TBuckets>(ReadOnlySpan<double> values, TBuckets buckets, int[] places, double[] left)
        where TBuckets : struct, IBuckets
    {
        foreach (var value in values)
        {
            ref var place = ref places[buckets.Find(value)];
            if (place >= 0) left[place++] = value;
        }
    }

    private void Merge(ReadOnlySpan<double> x, ReadOnlySpan<double> y, long before)
    {
        int i = 0, j = 0;
        while (i < x.Length && j < y.Length)
        {
            var value = Math.Min(x[i], y[j]);
            while (i < x.Length && x[i] <= value) i++;
            while (j < y.Length && y[j] <= value) j++;
            Note(before + (i * _m) - (j * _n));
        }

        // What is left of one sample moves the difference one way only, so its end is the only new place to look at.
        Note(before + (x.Length * _m) - (y.Length * _n));
        if (i < x.Length) Note(before + (i * _m) - (y.Length * _n));
        if (j < y.Length) Note(before + (x.Length * _m) - (j * _n));
    }

    private void Note(long difference)
    {
        var size = _alternative switch
        {
            Alternative.Less => -difference,
            Alternative.Greater => difference,
            _ => Math.Abs(difference),
        };
        if (size > _largest) _largest = size;
    }

    /// <summary>Gets the largest difference that values in the worst order could make.</summary>
    private long GetBound(long before, long countX, long countY) => _alternative switch
    {
        Alternative.Less => (countY * _n) - before,
        Alternative.Greater => before + (countX * _m),
        _ => Math.Max(before + (countX * _m), (countY * _n) - before),
    };

    private static (double Minimum, double Maximum) GetRange(ReadOnlySpan<double> values)
    {
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        if (vectors.Length > 0)
        {
            var (smallest, largest) = (vectors[0], vectors[0]);
            foreach (var vector in vectors)
            {
                smallest = Vector.MinNative(smallest, vector);
                largest = Vector.MaxNative(largest, vector);
            }

            for (var lane = 0; lane < Vector<double>.Count; lane++) (minimum, maximum) = (Math.Min(minimum, smallest[lane]), Math.Max(maximum, largest[lane]));
        }

        foreach (var value in values[(vectors.Length * Vector<double>.Count)..]) (minimum, maximum) = (Math.Min(minimum, value), Math.Max(maximum, value));
        return (minimum, maximum);
    }

    private interface IBuckets
    {
        int Find(double value);
    }

    /// <summary>Buckets of equal width, the first and the last unbounded. Subtracting and multiplying keep the order, even rounded.</summary>
    private readonly struct WidthBuckets(double low, double scale, int last) : IBuckets
    {
        public int Find(double value) => (int)Math.Max(0, Math.Min(last, ((value - low) * scale) + 1));
    }

    /// <summary>Buckets of equally many neighbouring doubles.</summary>
    private readonly struct BitBuckets : IBuckets
    {
        private readonly ulong _first;
        private readonly int _shift;

        public BitBuckets(double minimum, double maximum, int count)
        {
            _first = GetKey(minimum);
            var bits = 64 - BitOperations.LeadingZeroCount(GetKey(maximum) - _first);
            _shift = Math.Max(0, bits - BitOperations.Log2((uint)count));
        }

        public int Find(double value) => (int)((GetKey(value) - _first) >> _shift);

        private static ulong GetKey(double value)
        {
            // Adding 0 turns −0 into 0.
            var bits = BitConverter.DoubleToInt64Bits(value + 0.0);
            return (ulong)(bits ^ (long)((ulong)(bits >> 63) >> 1)) ^ 0x8000_0000_0000_0000;
        }
    }
}
