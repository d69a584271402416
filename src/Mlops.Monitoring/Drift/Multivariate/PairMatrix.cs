using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Monitoring;

/// <summary>A symmetric figure of every pair of rows, such as a kernel or a distance: the lower triangle, row by row.</summary>
/// <remarks>Memory: 4·N² bytes for N rows. The number of rows is rounded up to a multiple of 4 by rows of zeros.</remarks>
internal sealed class PairMatrix
{
    private PairMatrix(int count)
    {
        Count = count;
        PaddedCount = (count + 3) & ~3;
        Values = new double[Start(PaddedCount)];
    }

    /// <summary>Gets the number of rows.</summary>
    public int Count { get; }

    public int PaddedCount { get; }

    public double[] Values { get; }

    /// <summary>Gets the place of the first value of a row.</summary>
    public static int Start(int row) => (int)((long)row * (row + 1) / 2);

    public Span<double> Row(int row) => Values.AsSpan(Start(row), row + 1);

    /// <summary>Computes the squared Euclidean distances.</summary>
    public static PairMatrix SquaredDistances(PooledRows rows, CancellationToken cancellationToken) => Compute(rows, false, cancellationToken);

    /// <summary>Computes the scalar products.</summary>
    public static PairMatrix Products(PooledRows rows, CancellationToken cancellationToken) => Compute(rows, true, cancellationToken);

    /// <summary>Finds the median of the pairs of different rows; the mean of the middle two where their number is even.</summary>
    public double GetMedianOfPairs()
    {
        var pairs = new double[(long)Count * (Count - 1) / 2];
        var length = 0;
        for (var row = 1; row < Count; row++)
        {
            Row(row)[..^1].CopyTo(pairs.AsSpan(length));
            length += row;
        }

        if (length == 0) return 0;
        var upper = Selection.Select(pairs, length / 2);
        // All before the place are at most as large, so the largest of them is the one below.
        return length % 2 == 1 ? upper : (upper + TensorPrimitives.Max<double>(pairs.AsSpan(0, length / 2))) / 2;
    }

    /// <summary>Sums each row of the whole matrix, diagonal included.</summary>
    public double[] GetRowSums()
    {
        var sums = new double[PaddedCount];
        for (var row = 0; row < Count; row++)
        {
            var values = Row(row);
            TensorPrimitives.Add(sums.AsSpan(0, row), values[..^1], sums.AsSpan(0, row));
            sums[row] += TensorPrimitives.Sum<double>(values);
        }

        return sums;
    }

    public double[] GetDiagonal()
    {
        var diagonal = new double[PaddedCount];
        for (var row = 0; row < Count; row++) diagonal[row] = Values[Start(row) + row];
        return diagonal;
    }

    /// <summary>Sums the pairs of blocks of rows, each with itself included: a row of the result is a block.</summary>
    /// <param name="size">The number of rows of a block; it divides <see cref="Count"/>.</param>
    public PairMatrix SumBlocks(int size)
    {
        var result = new PairMatrix(Count / size);
        for (var row = 0; row < Count; row++)
        {
            var values = Row(row);
            var sums = result.Row(row / size);
            for (var block = 0; block < sums.Length - 1; block++) sums[block] += TensorPrimitives.Sum<double>(values.Slice(block * size, size));
            // Within a block, only the lower triangle is there.
            sums[^1] += (2 * TensorPrimitives.Sum<double>(values[(row / size * size)..^1])) + values[^1];
        }

        return result;
    }

    /// <summary>Eight rows at a time, side by side, so that one row meets eight with each instruction.</summary>
    private static PairMatrix Compute(PooledRows rows, bool isProduct, CancellationToken cancellationToken)
    {
        var (result, count, width) = (new PairMatrix(rows.Count), rows.Count, rows.Width);
        var groups = new double[(count + 7) / 8 * 8 * width];
        for (var row = 0; row < count; row++)
        {
            for (var k = 0; k < width; k++) groups[(((row / 8 * width) + k) * 8) + (row % 8)] = rows.Values[(row * width) + k];
        }

        ref var first = ref MemoryMarshal.GetArrayDataReference(groups);
        var line = new double[(count + 7) / 8 * 8];
        for (var row = 0; row < count; row++)
        {
            if (row % 64 == 0) cancellationToken.ThrowIfCancellationRequested();
            var values = rows.Values.AsSpan(row * width, width);
            for (var group = 0; group <= row / 8; group++)
            {
                var sum = Vector512<double>.Zero;
                var place = (nuint)(group * width * 8);
                foreach (var value in values)
                {
                    var others = Vector512.LoadUnsafe(ref first, place);
                    place += 8;
                    var difference = Vector512.Create(value) - others;
                    sum = isProduct ? Vector512.FusedMultiplyAdd(Vector512.Create(value), others, sum) : Vector512.FusedMultiplyAdd(difference, difference, sum);
                }

                sum.CopyTo(line, group * 8);
            }

            line.AsSpan(0, row + 1).CopyTo(result.Row(row));
        }

        return result;
    }
}
