namespace Mlops.Data;

/// <summary>Builds a <see cref="Column{T}"/> row by row. Not safe for concurrent use.</summary>
/// <typeparam name="T">A primitive number, <see cref="bool"/>, <see cref="Half"/>, <see cref="DateOnly"/> or <see cref="DateTime"/> (UTC).</typeparam>
/// <param name="capacity">The expected number of rows.</param>
public sealed class ColumnBuilder<T>(int capacity = 0)
    where T : unmanaged
{
    private T[] _values = new T[Math.Max(capacity, 16)];
    private ValidityBuilder _validity;

    /// <summary>Gets the number of rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Appends a value.</summary>
    /// <param name="value">The value.</param>
    public void Append(T value) => Append(value, true);

    /// <summary>Appends a value, or a missing one.</summary>
    /// <param name="value">The value; <see langword="null"/> when it is missing.</param>
    public void Append(T? value) => Append(value.GetValueOrDefault(), value.HasValue);

    /// <summary>Appends a missing value.</summary>
    public void AppendNull() => Append(default, false);

    /// <summary>Builds the column and begins a new one.</summary>
    /// <returns>The column.</returns>
    public Column<T> Build()
    {
        // A full array is handed over; the next column gets its own.
        var values = Count == _values.Length ? _values : _values[..Count];
        if (Count == _values.Length) _values = new T[_values.Length];
        var column = new Column<T>(values, _validity.Build(Count));
        Count = 0;
        return column;
    }

    private void Append(T value, bool isValid)
    {
        if (Count == _values.Length) Array.Resize(ref _values, _values.Length * 2);
        _values[Count] = value;
        _validity.Append(Count, isValid);
        Count++;
    }
}
