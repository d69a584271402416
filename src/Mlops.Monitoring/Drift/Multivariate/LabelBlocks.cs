using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>Which rows count as reference: first as they were, then in each random permutation; 32 of them side by side, so that one pass over the rows serves all.</summary>
/// <remarks>Memory: 256 bytes a row. All that is summed is summed in the same order on every machine.</remarks>
internal sealed class LabelBlocks
{
    /// <summary>The number of permutations of a block.</summary>
    public const int Width = 32;

    private const int Vectors = 4;
    private readonly int _referenceCount;
    private readonly Action<int[]> _shuffle;
    private readonly int[] _order;
    private readonly int _rows;
    private readonly double[] _weights;

    /// <param name="referenceCount">The number of rows of the reference.</param>
    /// <param name="currentCount">The number of the other rows.</param>
    /// <param name="permutations">The number of permutations, beside the rows as they were.</param>
    /// <param name="shuffle">What shuffles the places of rows, given in order.</param>
    public LabelBlocks(int referenceCount, int currentCount, int permutations, Action<int[]> shuffle)
    {
        (_referenceCount, _rows, _shuffle) = (referenceCount, referenceCount + currentCount, shuffle);
        Total = permutations + 1;
        _order = new int[_rows];
        _weights = new double[((_rows + 3) & ~3) * Width];
    }

    /// <summary>Gets the number of labellings: the rows as they were, and the permutations.</summary>
    public int Total { get; }

    /// <summary>Gets the number of the first labelling of this block.</summary>
    public int First { get; private set; } = -Width;

    /// <summary>Gets the number of labellings of this block.</summary>
    public int Count { get; private set; }

    /// <summary>Makes the shuffling by a seed.</summary>
    public static Action<int[]> Shuffle(ulong seed)
    {
        var random = new SplitMix64(seed);
        return order => ShuffleItems(order, ref random);
    }

    /// <summary>Shuffles items by a seed.</summary>
    public static void ShuffleItems<T>(T[] items, ulong seed)
    {
        var random = new SplitMix64(seed);
        ShuffleItems(items, ref random);
    }

    private static void ShuffleItems<T>(T[] items, ref SplitMix64 random)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)random.Next((ulong)i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Makes the next block.</summary>
    public bool MoveNext(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        First += Width;
        Count = Math.Min(Width, Total - First);
        if (Count <= 0) return false;
        Array.Clear(_weights);
        for (var i = 0; i < Count; i++)
        {
            for (var row = 0; row < _order.Length; row++) _order[row] = row;
            if (First + i > 0) _shuffle(_order);
            foreach (var row in _order.AsSpan(0, _referenceCount)) _weights[(row * Width) + i] = 1;
        }

        return true;
    }

    /// <summary>Sums a figure of each row over the reference, for each labelling of the block.</summary>
    /// <param name="figures">The figures, shape (rows) or longer.</param>
    /// <param name="sums">The sums, shape (<see cref="Total"/>): this block's are written.</param>
    public void Sum(ReadOnlySpan<double> figures, Span<double> sums)
    {
        var total = new double[Width];
        for (var row = 0; row < _rows; row++)
        {
            var weights = _weights.AsSpan(row * Width, Width);
            for (var i = 0; i < Width; i++) total[i] += figures[row] * weights[i];
        }

        total.AsSpan(0, Count).CopyTo(sums[First..]);
    }

    /// <summary>Sums rows of numbers over the reference, for each labelling of the block.</summary>
    /// <param name="rows">The rows, shape (rows × <paramref name="width"/>).</param>
    /// <param name="width">The number of numbers of a row.</param>
    /// <param name="sums">The sums, shape (<paramref name="width"/> × 32).</param>
    public void SumRows(ReadOnlySpan<double> rows, int width, Span<double> sums)
    {
        ref var weight = ref MemoryMarshal.GetArrayDataReference(_weights);
        // Four columns at a time: the last ones may be summed twice, so that there are always four. Where there are fewer, each is summed alone, four times.
        var step = width < Vectors ? 0 : 1;
        for (var column = 0; column < width; column += step == 0 ? 1 : Vectors)
        {
            var start = step == 0 ? column : Math.Min(column, width - Vectors);
            for (var half = 0; half < Vectors; half += 2)
            {
                Vector512<double> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
                for (var row = 0; row < _rows; row++)
                {
                    var place = (nuint)((row * Width) + (half * 8));
                    var (w0, w1) = (Vector512.LoadUnsafe(ref weight, place), Vector512.LoadUnsafe(ref weight, place + 8));
                    var values = rows.Slice((row * width) + start, (3 * step) + 1);
                    var (a, b, c, d) = (Vector512.Create(values[0]), Vector512.Create(values[step]), Vector512.Create(values[2 * step]), Vector512.Create(values[3 * step]));
                    (a0, a1) = (Vector512.FusedMultiplyAdd(a, w0, a0), Vector512.FusedMultiplyAdd(a, w1, a1));
                    (b0, b1) = (Vector512.FusedMultiplyAdd(b, w0, b0), Vector512.FusedMultiplyAdd(b, w1, b1));
                    (c0, c1) = (Vector512.FusedMultiplyAdd(c, w0, c0), Vector512.FusedMultiplyAdd(c, w1, c1));
                    (d0, d1) = (Vector512.FusedMultiplyAdd(d, w0, d0), Vector512.FusedMultiplyAdd(d, w1, d1));
                }

                Write(sums, start, half, a0, a1);
                Write(sums, start + step, half, b0, b1);
                Write(sums, start + (2 * step), half, c0, c1);
                Write(sums, start + (3 * step), half, d0, d1);
            }
        }
    }

    /// <summary>Sums the figures of all ordered pairs of rows of the reference, for each labelling of the block.</summary>
    /// <param name="pairs">The figures.</param>
    /// <param name="sums">The sums, shape (<see cref="Total"/>): this block's are written.</param>
    public void SumPairs(PairMatrix pairs, Span<double> sums)
    {
        ref var weight = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref var figure = ref MemoryMarshal.GetArrayDataReference(pairs.Values);
        Vector512<double> t0 = default, t1 = default, t2 = default, t3 = default;
        for (var row = 0; row < pairs.PaddedCount; row += 4)
        {
            Vector512<double> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            Vector512<double> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
            var (a, b, c, d) = ((nuint)PairMatrix.Start(row), (nuint)PairMatrix.Start(row + 1), (nuint)PairMatrix.Start(row + 2), (nuint)PairMatrix.Start(row + 3));
            for (nuint other = 0; other < (nuint)row; other++)
            {
                var place = other * Width;
                var (w0, w1) = (Vector512.LoadUnsafe(ref weight, place), Vector512.LoadUnsafe(ref weight, place + 8));
                var (w2, w3) = (Vector512.LoadUnsafe(ref weight, place + 16), Vector512.LoadUnsafe(ref weight, place + 24));
                var k = Vector512.Create(Unsafe.Add(ref figure, a + other));
                a0 = Vector512.FusedMultiplyAdd(k, w0, a0);
                a1 = Vector512.FusedMultiplyAdd(k, w1, a1);
                a2 = Vector512.FusedMultiplyAdd(k, w2, a2);
                a3 = Vector512.FusedMultiplyAdd(k, w3, a3);
                k = Vector512.Create(Unsafe.Add(ref figure, b + other));
                b0 = Vector512.FusedMultiplyAdd(k, w0, b0);
                b1 = Vector512.FusedMultiplyAdd(k, w1, b1);
                b2 = Vector512.FusedMultiplyAdd(k, w2, b2);
                b3 = Vector512.FusedMultiplyAdd(k, w3, b3);
                k = Vector512.Create(Unsafe.Add(ref figure, c + other));
                c0 = Vector512.FusedMultiplyAdd(k, w0, c0);
                c1 = Vector512.FusedMultiplyAdd(k, w1, c1);
                c2 = Vector512.FusedMultiplyAdd(k, w2, c2);
                c3 = Vector512.FusedMultiplyAdd(k, w3, c3);
                k = Vector512.Create(Unsafe.Add(ref figure, d + other));
                d0 = Vector512.FusedMultiplyAdd(k, w0, d0);
                d1 = Vector512.FusedMultiplyAdd(k, w1, d1);
                d2 = Vector512.FusedMultiplyAdd(k, w2, d2);
                d3 = Vector512.FusedMultiplyAdd(k, w3, d3);
            }

            AddCorner(pairs, row, 0, ref a0, ref a1, ref a2, ref a3);
            AddCorner(pairs, row, 1, ref b0, ref b1, ref b2, ref b3);
            AddCorner(pairs, row, 2, ref c0, ref c1, ref c2, ref c3);
            AddCorner(pairs, row, 3, ref d0, ref d1, ref d2, ref d3);
            t0 = Weigh(row, 0, a0, b0, c0, d0, t0);
            t1 = Weigh(row, 8, a1, b1, c1, d1, t1);
            t2 = Weigh(row, 16, a2, b2, c2, d2, t2);
            t3 = Weigh(row, 24, a3, b3, c3, d3, t3);
        }

        Span<double> total = stackalloc double[Width];
        (t0 * 2).CopyTo(total);
        (t1 * 2).CopyTo(total[8..]);
        (t2 * 2).CopyTo(total[16..]);
        (t3 * 2).CopyTo(total[24..]);
        total[..Count].CopyTo(sums[First..]);
    }

    private static void Write(Span<double> sums, int column, int half, Vector512<double> first, Vector512<double> second)
    {
        first.CopyTo(sums[((column * Width) + (half * 8))..]);
        second.CopyTo(sums[((column * Width) + (half * 8) + 8)..]);
    }

    /// <summary>Adds the pairs of a row with itself, at half, and with those before it of its group of four.</summary>
    private void AddCorner(PairMatrix pairs, int row, int offset, ref Vector512<double> s0, ref Vector512<double> s1, ref Vector512<double> s2, ref Vector512<double> s3)
    {
        var figures = pairs.Row(row + offset);
        for (var other = row; other <= row + offset; other++)
        {
            var k = Vector512.Create(other == row + offset ? figures[other] / 2 : figures[other]);
            var weights = _weights.AsSpan(other * Width, Width);
            s0 = Vector512.FusedMultiplyAdd(k, Vector512.Create<double>(weights), s0);
            s1 = Vector512.FusedMultiplyAdd(k, Vector512.Create<double>(weights[8..]), s1);
            s2 = Vector512.FusedMultiplyAdd(k, Vector512.Create<double>(weights[16..]), s2);
            s3 = Vector512.FusedMultiplyAdd(k, Vector512.Create<double>(weights[24..]), s3);
        }
    }

    private Vector512<double> Weigh(int row, int place, Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d, Vector512<double> total)
    {
        var weights = _weights.AsSpan((row * Width) + place);
        total = Vector512.FusedMultiplyAdd(a, Vector512.Create<double>(weights), total);
        total = Vector512.FusedMultiplyAdd(b, Vector512.Create<double>(weights[Width..]), total);
        total = Vector512.FusedMultiplyAdd(c, Vector512.Create<double>(weights[(2 * Width)..]), total);
        return Vector512.FusedMultiplyAdd(d, Vector512.Create<double>(weights[(3 * Width)..]), total);
    }
}
