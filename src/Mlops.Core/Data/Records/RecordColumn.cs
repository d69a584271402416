namespace Mlops.Data;

/// <summary>Gets the value of one column from records.</summary>
/// <typeparam name="T">The record.</typeparam>
internal abstract class RecordColumn<T>(ColumnSchema schema)
{
    /// <summary>Gets the column that the values make when no schema is given.</summary>
    public ColumnSchema Schema { get; } = schema;

    /// <summary>Gets whether the values are decimal numbers.</summary>
    public abstract bool IsDecimal { get; }

    /// <summary>Gets the value of a record.</summary>
    public abstract object? GetValue(T record);

    /// <summary>Appends the value of a record.</summary>
    /// <returns>What is wrong with it; <see langword="null"/> when it was appended.</returns>
    public abstract RowProblem? Append(T record, ColumnAppender column);
}
