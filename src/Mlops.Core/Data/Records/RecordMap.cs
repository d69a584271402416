namespace Mlops.Data;

/// <summary>Says which columns records make.</summary>
/// <typeparam name="T">The record.</typeparam>
public sealed class RecordMap<T>
{
    private readonly List<RecordColumn<T>> _columns = [];

    internal RecordMap()
    {
    }

    internal IReadOnlyList<RecordColumn<T>> Columns => _columns;

    /// <summary>Adds a column.</summary>
    /// <typeparam name="TValue">
    /// Its values: numbers, decimals (read as 64-bit floating point), truth values, texts, dates, times (UTC when they do not say), enumerations and identifiers (as texts);
    /// <see langword="null"/> is a missing value.
    /// </typeparam>
    /// <param name="name">The name of the column.</param>
    /// <param name="get">Gets the value of a record.</param>
    /// <param name="role">What the column is for.</param>
    /// <returns>This map.</returns>
    /// <exception cref="NotSupportedException">No column holds such values.</exception>
    public RecordMap<T> Column<TValue>(string name, Func<T, TValue> get, ColumnRole role = ColumnRole.Feature)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(get);
        var type = ClrValue.FindType(typeof(TValue))
            ?? throw new NotSupportedException($"Column '{name}' cannot hold values of type {typeof(TValue)}. Map a number, truth value, text, date or time; vectors with {nameof(Vector)}.");
        var isNullable = !typeof(TValue).IsValueType || Nullable.GetUnderlyingType(typeof(TValue)) is not null;
        _columns.Add(new RecordColumn<T, TValue>(new ColumnSchema(name, type, role) { IsNullable = isNullable }, get));
        return this;
    }

    /// <summary>Adds a column of vectors, such as embeddings.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="width">The number of elements of every vector.</param>
    /// <param name="get">Gets the vector of a record; <see langword="null"/> is a missing value.</param>
    /// <param name="role">What the column is for.</param>
    /// <returns>This map.</returns>
    public RecordMap<T> Vector(string name, int width, Func<T, float[]?> get, ColumnRole role = ColumnRole.Feature) => AddVector(name, width, get, role);

    /// <inheritdoc cref="Vector(string, int, Func{T, float[]}, ColumnRole)"/>
    public RecordMap<T> Vector(string name, int width, Func<T, double[]?> get, ColumnRole role = ColumnRole.Feature) => AddVector(name, width, get, role);

    /// <inheritdoc cref="Vector(string, int, Func{T, float[]}, ColumnRole)"/>
    public RecordMap<T> Vector(string name, int width, Func<T, ReadOnlyMemory<float>> get, ColumnRole role = ColumnRole.Feature) => AddVector(name, width, get, role);

    internal RecordMap<T> AddVector<TValue>(string name, int width, Func<T, TValue> get, ColumnRole role)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(get);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        _columns.Add(new RecordColumn<T, TValue>(new ColumnSchema(name, ClrValue.FindVectorType(typeof(TValue))!.Value, role) { Width = width, IsNullable = !typeof(TValue).IsValueType }, get));
        return this;
    }
}
