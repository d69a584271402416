namespace Mlops.Data;

/// <summary>Builds a <see cref="Column{T}"/> row by row. Not safe for concurrent use.</summary>
/// <typeparam name="T">A primitive number, <see cref="bool"/>, <see cref="Half"/>, <see cref="DateOnly"/> or <see cref="DateTime"/> (UTC).</typeparam>
public sealed class ColumnBuilder<T>
    where T : unmanaged
{
    private const int SmallestCapacity = 16;
    private T[] _values;
    private ValidityBuilder _validity;

    /// <summary>Creates a builder.</summary>
    /// <param name="capacity">The expected number of rows; a column of exactly so many is handed over without a copy.</param>
    /// <param name="width">The number of elements in each row; more than 1 for embeddings.</param>
    public ColumnBuilder(int capacity = 0, int width = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        Width = width;
        _values = NewArray(Math.Max(capacity, SmallestCapacity) * width);
    }

    /// <summary>Gets the number of elements in each row.</summary>
    public int Width { get; }

    /// <summary>Gets the number of rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the elements of the rows that fit without growing, so that a reader may write rows in place and then say how many there are (<see cref="SetCount"/>).</summary>
    internal T[] Buffer => _values;

    /// <summary>Appends a value.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">Rows are wider than 1.</exception>
    public void Append(T value)
    {
        if (Width != 1) throw new InvalidOperationException($"Rows of this column have {Width} elements; append a span of them.");
        NextRow()[0] = value;
        Count++;
    }

    /// <summary>Appends a value, or a missing one.</summary>
    /// <param name="value">The value; <see langword="null"/> when it is missing.</param>
    /// <exception cref="InvalidOperationException">Rows are wider than 1.</exception>
    public void Append(T? value)
    {
        if (value is { } present) Append(present);
        else AppendNull();
    }

    /// <summary>Appends a row.</summary>
    /// <param name="row">Its elements, shape (<see cref="Width"/>).</param>
    /// <exception cref="ArgumentException">There are more or fewer elements.</exception>
    public void Append(ReadOnlySpan<T> row)
    {
        if (row.Length != Width)
            throw new ArgumentException($"Rows of this column have {Width} elements; {row.Length} were given.", nameof(row));
        row.CopyTo(NextRow());
        Count++;
    }

    /// <summary>Appends a missing value.</summary>
    public void AppendNull()
    {
        NextRow().Clear();
        _validity.MarkNull(Count++);
    }

    /// <summary>Builds the column and begins a new one.</summary>
    /// <returns>The column.</returns>
    public Column<T> Build()
    {
        // A full array is handed over; the next column gets its own.
        var length = Count * Width;
        var values = length == _values.Length ? _values : _values[..length];
        if (length == _values.Length) _values = NewArray(length);
        var column = new Column<T>(values, _validity.Build(Count), Width);
        Count = 0;
        return column;
    }

    /// <summary>Marks a row of <see cref="Buffer"/> as missing.</summary>
    internal void MarkNull(int row)
    {
        Buffer.AsSpan(row * Width, Width).Clear();
        _validity.MarkNull(row);
    }

    /// <summary>Says how many rows there are after rows were written into <see cref="Buffer"/>, or that the last rows are to be forgotten.</summary>
    internal void SetCount(int count)
    {
        _validity.Truncate(count);
        Count = count;
    }

    private Span<T> NextRow()
    {
        var start = Count * Width;
        if (start == _values.Length) Array.Resize(ref _values, _values.Length * 2);
        return _values.AsSpan(start, Width);
    }

    private static T[] NewArray(int length) => GC.AllocateUninitializedArray<T>(length);
}
