namespace Mlops.Data;

/// <summary>Reads the rows of a column as values of a .NET type: the type in memory, <see cref="double"/> for everything but texts, texts as strings, and the nullable forms.</summary>
internal abstract class ColumnReader<T>
{
    /// <summary>Gets whether rows without a value are read too, as <see langword="null"/>.</summary>
    public virtual bool ReadsNulls => false;

    /// <summary>Creates a reader.</summary>
    /// <exception cref="ArgumentException">The column cannot be read so.</exception>
    public static ColumnReader<T> Create(ColumnSchema column, bool isAnyWidth = false)
    {
        if (column.Width != 1 && !isAnyWidth)
            throw new ArgumentException($"Rows of column '{column.Name}' have {column.Width} elements, which are read as a whole batch only: use the form that takes a batch or spans.", nameof(column));
        return Find(column)
            ?? throw new ArgumentException($"Column '{column.Name}' is {column.Type} and cannot be read as {typeof(T).Name}; cast it, or read it as its own type{(ColumnNumbers.CanRead(column.Type) ? " or as a double" : "")}.", nameof(column));
    }

    /// <summary>Tells whether a column can be read so, one value a row.</summary>
    public static bool CanRead(ColumnSchema column) => column.Width == 1 && Find(column) is not null;

    /// <summary>Reads the rows of a column, shape (rows × width).</summary>
    public abstract ReadOnlySpan<T> Read(Column column);

    private static ColumnReader<T>? Find(ColumnSchema column)
        => (typeof(T) == typeof(string) && column.Type == ElementType.String ? (ColumnReader<T>)(object)new TextColumnReader() : null)
            ?? Of<double>(column) ?? Of<float>(column) ?? Of<Half>(column) ?? Of<long>(column) ?? Of<int>(column) ?? Of<short>(column) ?? Of<sbyte>(column)
            ?? Of<ulong>(column) ?? Of<uint>(column) ?? Of<ushort>(column) ?? Of<byte>(column) ?? Of<bool>(column) ?? Of<DateOnly>(column) ?? Of<DateTime>(column);

    private static ColumnReader<T>? Of<TValue>(ColumnSchema column)
        where TValue : unmanaged
    {
        var isNumber = typeof(TValue) == typeof(double) && ColumnNumbers.CanRead(column.Type);
        if (!isNumber && ElementTypes.Of<TValue>() != column.Type) return null;
        if (typeof(T) == typeof(TValue)) return (ColumnReader<T>)(object)new ValueColumnReader<TValue>();
        return typeof(T) == typeof(TValue?) ? (ColumnReader<T>)(object)new NullableColumnReader<TValue>() : null;
    }
}

/// <summary>Reads values of a fixed size, without a copy where the column holds them as they are.</summary>
internal sealed class ValueColumnReader<T> : ColumnReader<T>
    where T : unmanaged
{
    public override ReadOnlySpan<T> Read(Column column) => column is Column<T> typed ? typed.Values : (T[])(object)ColumnNumbers.ToDoubles(column);
}

/// <summary>Reads values of a fixed size, or their absence.</summary>
internal sealed class NullableColumnReader<T> : ColumnReader<T?>
    where T : unmanaged
{
    private readonly ValueColumnReader<T> _values = new();

    public override bool ReadsNulls => true;

    public override ReadOnlySpan<T?> Read(Column column)
    {
        var values = _values.Read(column);
        var rows = new T?[values.Length];
        for (var i = 0; i < rows.Length; i++) rows[i] = column.IsNull(i / column.Width) ? null : values[i];
        return rows;
    }
}

/// <summary>Reads texts; a text of a dictionary is decoded once.</summary>
internal sealed class TextColumnReader : ColumnReader<string>
{
    public override ReadOnlySpan<string> Read(Column column)
    {
        var texts = (TextColumn)column;
        var entries = new string?[texts.IsDictionaryEncoded ? texts.EntryCount : 0];
        var rows = new string[texts.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            if (texts.IsNull(row)) continue;
            rows[row] = texts.IsDictionaryEncoded ? entries[texts.Codes[row]] ??= texts.GetString(row)! : texts.GetString(row)!;
        }

        return rows;
    }
}
