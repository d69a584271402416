using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Mlops.Training;

/// <summary>Products of blocks of columns, several columns in one pass, so that what is read once is used several times.</summary>
internal static class BlockMath
{
    /// <summary>The number of columns that one pass takes.</summary>
    private const int Columns = 4;

    /// <summary>target += Σ coefficient × column, for rows [start, start + target).</summary>
    public static void AddProducts(FeatureBlock block, int start, ReadOnlySpan<double> coefficients, Span<double> target)
    {
        var i = 0;
        for (; i + Columns <= coefficients.Length; i += Columns)
        {
            ref var a = ref At(block, i, start);
            ref var b = ref At(block, i + 1, start);
            ref var c = ref At(block, i + 2, start);
            ref var d = ref At(block, i + 3, start);
            ref var sum = ref MemoryMarshal.GetReference(target);
            var (p, q, r, s) = (new Vector<double>(coefficients[i]), new Vector<double>(coefficients[i + 1]), new Vector<double>(coefficients[i + 2]), new Vector<double>(coefficients[i + 3]));
            nuint row = 0;
            for (; (int)row + Vector<double>.Count <= target.Length; row += (nuint)Vector<double>.Count)
            {
                var value = Vector.MultiplyAddEstimate(p, Vector.LoadUnsafe(ref a, row), Vector.LoadUnsafe(ref sum, row));
                value = Vector.MultiplyAddEstimate(q, Vector.LoadUnsafe(ref b, row), value);
                value = Vector.MultiplyAddEstimate(r, Vector.LoadUnsafe(ref c, row), value);
                Vector.MultiplyAddEstimate(s, Vector.LoadUnsafe(ref d, row), value).StoreUnsafe(ref sum, row);
            }

            for (var rest = (int)row; rest < target.Length; rest++)
            {
                for (var column = i; column < i + Columns; column++) target[rest] += coefficients[column] * block.Feature(column)[start + rest];
            }
        }

        for (; i < coefficients.Length; i++) TensorPrimitives.MultiplyAdd(block.Feature(i).Slice(start, target.Length), coefficients[i], target, target);
    }

    /// <summary>sums[i] += column i · factors, for rows [start, start + factors).</summary>
    public static void AddDots(FeatureBlock block, int start, ReadOnlySpan<double> factors, Span<double> sums)
    {
        var i = 0;
        for (; i + Columns <= sums.Length; i += Columns)
        {
            ref var a = ref At(block, i, start);
            ref var b = ref At(block, i + 1, start);
            ref var c = ref At(block, i + 2, start);
            ref var d = ref At(block, i + 3, start);
            ref var factor = ref MemoryMarshal.GetReference(factors);
            var (p, q, r, s) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
            nuint row = 0;
            for (; (int)row + Vector<double>.Count <= factors.Length; row += (nuint)Vector<double>.Count)
            {
                var value = Vector.LoadUnsafe(ref factor, row);
                p = Vector.MultiplyAddEstimate(value, Vector.LoadUnsafe(ref a, row), p);
                q = Vector.MultiplyAddEstimate(value, Vector.LoadUnsafe(ref b, row), q);
                r = Vector.MultiplyAddEstimate(value, Vector.LoadUnsafe(ref c, row), r);
                s = Vector.MultiplyAddEstimate(value, Vector.LoadUnsafe(ref d, row), s);
            }

            sums[i] += Vector.Sum(p);
            sums[i + 1] += Vector.Sum(q);
            sums[i + 2] += Vector.Sum(r);
            sums[i + 3] += Vector.Sum(s);
            for (var rest = (int)row; rest < factors.Length; rest++)
            {
                for (var column = i; column < i + Columns; column++) sums[column] += factors[rest] * block.Feature(column)[start + rest];
            }
        }

        for (; i < sums.Length; i++) sums[i] += TensorPrimitives.Dot(block.Feature(i).Slice(start, factors.Length), factors);
    }

    /// <summary>target = Σ (column − centre)², for rows [start, start + target).</summary>
    public static void SquaredDistances(FeatureBlock block, int start, ReadOnlySpan<double> centre, Span<double> target)
    {
        target.Clear();
        var i = 0;
        for (; i + Columns <= centre.Length; i += Columns)
        {
            ref var a = ref At(block, i, start);
            ref var b = ref At(block, i + 1, start);
            ref var c = ref At(block, i + 2, start);
            ref var d = ref At(block, i + 3, start);
            ref var sum = ref MemoryMarshal.GetReference(target);
            var (p, q, r, s) = (new Vector<double>(centre[i]), new Vector<double>(centre[i + 1]), new Vector<double>(centre[i + 2]), new Vector<double>(centre[i + 3]));
            nuint row = 0;
            for (; (int)row + Vector<double>.Count <= target.Length; row += (nuint)Vector<double>.Count)
            {
                var (first, second) = (Vector.LoadUnsafe(ref a, row) - p, Vector.LoadUnsafe(ref b, row) - q);
                var (third, fourth) = (Vector.LoadUnsafe(ref c, row) - r, Vector.LoadUnsafe(ref d, row) - s);
                var value = Vector.MultiplyAddEstimate(first, first, Vector.LoadUnsafe(ref sum, row));
                value = Vector.MultiplyAddEstimate(second, second, value);
                value = Vector.MultiplyAddEstimate(third, third, value);
                Vector.MultiplyAddEstimate(fourth, fourth, value).StoreUnsafe(ref sum, row);
            }

            for (var rest = (int)row; rest < target.Length; rest++) AddSquares(block, start, rest, centre, i, i + Columns, target);
        }

        for (var row = 0; row < target.Length; row++) AddSquares(block, start, row, centre, i, centre.Length, target);
    }

    private static void AddSquares(FeatureBlock block, int start, int row, ReadOnlySpan<double> centre, int from, int to, Span<double> target)
    {
        for (var i = from; i < to; i++)
        {
            var difference = block.Feature(i)[start + row] - centre[i];
            target[row] += difference * difference;
        }
    }

    /// <summary>target[i, j] += column i of the left · column j of the right, for j ≤ i (and a few above the diagonal), all columns of the same length.</summary>
    /// <param name="left">Columns, shape (columns × length); columns a multiple of 4, length a multiple of the vector's.</param>
    /// <param name="right">Columns, of the same shape.</param>
    /// <param name="length">The length of a column.</param>
    /// <param name="target">The sums, shape (columns × columns).</param>
    public static void AddGram(ReadOnlySpan<double> left, ReadOnlySpan<double> right, int length, Span<double> target)
    {
        var columns = left.Length / length;
        for (var i = 0; i < columns; i += Columns)
        {
            for (var j = 0; j < i + Columns; j += 2) AddTile(left.Slice(i * length, Columns * length), right.Slice(j * length, 2 * length), length, target[((i * columns) + j)..], columns);
        }
    }

    /// <summary>Four columns by two: eight sums, as many as hide the latency of a multiplication.</summary>
    private static void AddTile(ReadOnlySpan<double> left, ReadOnlySpan<double> right, int length, Span<double> target, int stride)
    {
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right);
        var (a1, a2, a3, b1) = ((nuint)length, (nuint)(2 * length), (nuint)(3 * length), (nuint)length);
        var (s00, s01, s10, s11) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        var (s20, s21, s30, s31) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        for (nuint row = 0; row < (nuint)length; row += (nuint)Vector<double>.Count)
        {
            var (p, q) = (Vector.LoadUnsafe(ref b, row), Vector.LoadUnsafe(ref b, row + b1));
            var value = Vector.LoadUnsafe(ref a, row);
            s00 = Vector.MultiplyAddEstimate(value, p, s00);
            s01 = Vector.MultiplyAddEstimate(value, q, s01);
            value = Vector.LoadUnsafe(ref a, row + a1);
            s10 = Vector.MultiplyAddEstimate(value, p, s10);
            s11 = Vector.MultiplyAddEstimate(value, q, s11);
            value = Vector.LoadUnsafe(ref a, row + a2);
            s20 = Vector.MultiplyAddEstimate(value, p, s20);
            s21 = Vector.MultiplyAddEstimate(value, q, s21);
            value = Vector.LoadUnsafe(ref a, row + a3);
            s30 = Vector.MultiplyAddEstimate(value, p, s30);
            s31 = Vector.MultiplyAddEstimate(value, q, s31);
        }

        Add(target, s00, s01);
        Add(target[stride..], s10, s11);
        Add(target[(2 * stride)..], s20, s21);
        Add(target[(3 * stride)..], s30, s31);
    }

    private static void Add(Span<double> target, Vector<double> first, Vector<double> second)
    {
        target[0] += Vector.Sum(first);
        target[1] += Vector.Sum(second);
    }

    private static ref double At(FeatureBlock block, int feature, int row) => ref MemoryMarshal.GetReference(block.Feature(feature)[row..]);
}
