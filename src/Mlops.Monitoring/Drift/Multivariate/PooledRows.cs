using System.Numerics.Tensors;

namespace Mlops.Monitoring;

/// <summary>The rows of both samples, the reference first, on a scale on which squares neither overflow nor vanish.</summary>
internal sealed class PooledRows
{
    // Between them, the squares of values and sums of many of them are far from both ends of the range.
    private const double Largest = 1e100;
    private const double Smallest = 1e-100;

    private PooledRows(double[] values, int width, int referenceCount, double unit)
        => (Values, Width, ReferenceCount, Unit) = (values, width, referenceCount, unit);

    /// <summary>Gets the values, shape (<see cref="Count"/> × <see cref="Width"/>), row by row.</summary>
    public double[] Values { get; }

    public int Width { get; }

    public int ReferenceCount { get; }

    public int CurrentCount => Count - ReferenceCount;

    public int Count => Values.Length / Width;

    /// <summary>Gets what a distance of 1 between these rows is in the unit of the data: 1 for standardised columns.</summary>
    public double Unit { get; }

    /// <summary>Gets whether all rows are equal.</summary>
    public bool IsConstant
    {
        get
        {
            for (var i = Width; i < Values.Length; i++)
            {
                if (Values[i] != Values[i - Width]) return false;
            }

            return true;
        }
    }

    public static PooledRows Create(PresentRows reference, PresentRows current, RowScaling scaling)
    {
        var width = reference.Width;
        double[] values = [.. reference.Values, .. current.Values];
        if (scaling == RowScaling.None) return new PooledRows(values, width, reference.Count, Rescale(values));
        var (column, rows) = (new double[values.Length / width], values.Length / width);
        for (var k = 0; k < width; k++)
        {
            for (var row = 0; row < rows; row++) column[row] = values[(row * width) + k];
            Standardize(column);
            for (var row = 0; row < rows; row++) values[(row * width) + k] = column[row];
        }

        return new PooledRows(values, width, reference.Count, 1);
    }

    /// <summary>Deals the rows of each sample to blocks of a size and takes the mean of its block from each row; rows that fill no block are left out.</summary>
    /// <param name="size">The number of rows of a block.</param>
    /// <param name="shuffle">What shuffles the places of rows.</param>
    public PooledRows CentreBlocks(int size, Action<int[]> shuffle)
    {
        int[] reference = [.. Enumerable.Range(0, ReferenceCount)], current = [.. Enumerable.Range(ReferenceCount, CurrentCount)];
        shuffle(reference);
        shuffle(current);
        int[] order = [.. reference.AsSpan(0, reference.Length / size * size), .. current.AsSpan(0, current.Length / size * size)];
        double[] values = new double[order.Length * Width], mean = new double[Width];
        for (var first = 0; first < order.Length; first += size)
        {
            var block = values.AsSpan(first * Width, size * Width);
            Array.Clear(mean);
            for (var i = 0; i < size; i++)
            {
                var row = block.Slice(i * Width, Width);
                Values.AsSpan(order[first + i] * Width, Width).CopyTo(row);
                TensorPrimitives.Add(mean, row, mean);
            }

            TensorPrimitives.Divide(mean, size, mean);
            for (var i = 0; i < block.Length; i++)
            {
                var centre = mean[i % Width];
                block[i] -= centre;
                // What is left of a constant column is rounding.
                if (Math.Abs(block[i]) < 1e-12 * Math.Abs(centre)) block[i] = 0;
            }
        }

        return new PooledRows(values, Width, reference.Length / size * size, Unit);
    }

    /// <summary>Subtracts the mean and divides by the population standard deviation; a constant column becomes 0.</summary>
    public static void Standardize(Span<double> column)
    {
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(column));
        if (largest == 0) return;
        // By a power of two, so that no digit is lost.
        var exponent = Math.ILogB(largest);
        if (Math.Abs(exponent) > 300)
        {
            foreach (ref var value in column) value = Math.ScaleB(value, -exponent);
        }

        if (column.IndexOfAnyExcept(column[0]) < 0)
        {
            column.Clear();
            return;
        }

        TensorPrimitives.Subtract(column, TensorPrimitives.Sum<double>(column) / column.Length, column);
        var deviation = Math.Sqrt(TensorPrimitives.SumOfSquares<double>(column) / column.Length);
        if (deviation > 0) TensorPrimitives.Divide(column, deviation, column);
    }

    private static double Rescale(double[] values)
    {
        var largest = values.Length == 0 ? 0 : Math.Abs(TensorPrimitives.MaxMagnitude<double>(values));
        if (largest is 0 or (> Smallest and < Largest)) return 1;
        var exponent = Math.ILogB(largest);
        foreach (ref var value in values.AsSpan()) value = Math.ScaleB(value, -exponent);
        return Math.ScaleB(1, exponent);
    }
}
