namespace Mlops.Monitoring;

/// <summary>Rows of numbers, one behind the other: what tests of several columns compare.</summary>
public readonly record struct RowSet
{
    /// <summary>Takes rows from memory, which is not copied.</summary>
    /// <param name="values">The values, shape (rows × <paramref name="width"/>), row by row.</param>
    /// <param name="width">The number of values of a row, ≥ 1.</param>
    /// <exception cref="ArgumentException">The number of values is no multiple of the width.</exception>
    public RowSet(ReadOnlyMemory<double> values, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (values.Length % width != 0)
            throw new ArgumentException($"{values.Length} values do not make rows of {width}.", nameof(values));
        (Values, Width) = (values, width);
    }

    /// <summary>Gets the values, shape (<see cref="Count"/> × <see cref="Width"/>), row by row.</summary>
    public ReadOnlyMemory<double> Values { get; }

    /// <summary>Gets the names of the columns, shape (<see cref="Width"/>), for reasons that name them.</summary>
    /// <value>The default value is <see langword="null"/>: columns are named by their place, from 0.</value>
    public IReadOnlyList<string>? ColumnNames { get; init; }

    /// <summary>Gets the number of values of a row.</summary>
    public int Width { get; }

    /// <summary>Gets the number of rows.</summary>
    public int Count => Width == 0 ? 0 : Values.Length / Width;
}
