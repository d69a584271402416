namespace Mlops.Data;

/// <summary>Makes columns of values of a .NET type: a type that columns hold in memory, its nullable form, or strings.</summary>
internal abstract class ColumnWriter<T>
{
    /// <summary>Gets the type of the columns.</summary>
    public abstract ElementType Type { get; }

    /// <summary>Gets whether a value may stand for a missing one.</summary>
    public virtual bool WritesNulls => false;

    /// <summary>Creates a writer.</summary>
    /// <exception cref="NotSupportedException">No column holds values of the type.</exception>
    public static ColumnWriter<T> Create()
        => (typeof(T) == typeof(string) ? (ColumnWriter<T>)(object)new TextColumnWriter() : null)
            ?? Of<double>() ?? Of<float>() ?? Of<Half>() ?? Of<long>() ?? Of<int>() ?? Of<short>() ?? Of<sbyte>()
            ?? Of<ulong>() ?? Of<uint>() ?? Of<ushort>() ?? Of<byte>() ?? Of<bool>() ?? Of<DateOnly>() ?? Of<DateTime>()
            ?? throw new NotSupportedException($"No column holds {typeof(T)}; use a primitive number, bool, Half, string, DateOnly or DateTime, or the nullable form of one.");

    /// <summary>Makes a column.</summary>
    /// <param name="rows">The values; the column may keep the array.</param>
    /// <param name="nulls">The rows that are missing for another reason than their value.</param>
    public abstract Column Write(T[] rows, ref ValidityBuilder nulls);

    private static ColumnWriter<T>? Of<TValue>()
        where TValue : unmanaged
    {
        if (typeof(T) == typeof(TValue)) return (ColumnWriter<T>)(object)new ValueColumnWriter<TValue>();
        return typeof(T) == typeof(TValue?) ? (ColumnWriter<T>)(object)new NullableColumnWriter<TValue>() : null;
    }
}

/// <summary>Makes columns of values of a fixed size.</summary>
internal sealed class ValueColumnWriter<T> : ColumnWriter<T>
    where T : unmanaged
{
    public override ElementType Type { get; } = ElementTypes.Of<T>();

    public override Column Write(T[] rows, ref ValidityBuilder nulls) => new Column<T>(rows, nulls.Build(rows.Length));
}

/// <summary>Makes columns of values of a fixed size, some of which are missing.</summary>
internal sealed class NullableColumnWriter<T> : ColumnWriter<T?>
    where T : unmanaged
{
    private readonly ValueColumnWriter<T> _values = new();

    public override ElementType Type => _values.Type;

    public override bool WritesNulls => true;

    public override Column Write(T?[] rows, ref ValidityBuilder nulls)
    {
        var values = new T[rows.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row] is { } value) values[row] = value;
            else nulls.MarkNull(row);
        }

        return _values.Write(values, ref nulls);
    }
}

/// <summary>Makes columns of texts, with a dictionary when they are repetitive.</summary>
internal sealed class TextColumnWriter : ColumnWriter<string?>
{
    public override ElementType Type => ElementType.String;

    public override bool WritesNulls => true;

    public override Column Write(string?[] rows, ref ValidityBuilder nulls)
    {
        // Rows that are missing for another reason hold null already.
        var builder = new TextColumnBuilder(rows.Length);
        foreach (var text in rows)
        {
            if (text is null) builder.AppendNull();
            else builder.Append(text);
        }

        return builder.Build();
    }
}
