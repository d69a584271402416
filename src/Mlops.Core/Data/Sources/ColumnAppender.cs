namespace Mlops.Data;

/// <summary>Appends values that a source has in some form to a column of the type that the schema asks for.</summary>
/// <remarks>Every <c>TryAppend</c> says <see langword="false"/>, and appends nothing, when the value cannot be had in the column's type without loss.</remarks>
internal abstract class ColumnAppender(ColumnSchema schema)
{
    public ColumnSchema Schema { get; } = schema;

    public static ColumnAppender Create(ColumnSchema schema, int capacity, TextBudget budget) => schema.Type switch
    {
        ElementType.Float64 => Number<double>(schema, capacity),
        ElementType.Float32 => Number<float>(schema, capacity),
        ElementType.Float16 => Number<Half>(schema, capacity),
        ElementType.Int64 => Number<long>(schema, capacity),
        ElementType.Int32 => Number<int>(schema, capacity),
        ElementType.Int16 => Number<short>(schema, capacity),
        ElementType.Int8 => Number<sbyte>(schema, capacity),
        ElementType.UInt64 => Number<ulong>(schema, capacity),
        ElementType.UInt32 => Number<uint>(schema, capacity),
        ElementType.UInt16 => Number<ushort>(schema, capacity),
        ElementType.UInt8 => Number<byte>(schema, capacity),
        _ when schema.Width != 1 => throw new ArgumentException($"Column '{schema.Name}' is {schema.Width} values of type {schema.Type} wide; only numbers can be vectors.", nameof(schema)),
        ElementType.Boolean => new BooleanAppender(schema, capacity),
        ElementType.Date => new DateAppender(schema, capacity),
        ElementType.Timestamp => new TimestampAppender(schema, capacity),
        ElementType.String => new TextAppender(schema, capacity, budget),
        _ => throw new ArgumentException($"Column '{schema.Name}' cannot be read as {schema.Type}.", nameof(schema)),
    };

    public abstract void AppendNull();

    /// <summary>Appends what a text says.</summary>
    /// <param name="utf8">The text; what it should look like is told at <see cref="FieldText"/>.</param>
    public abstract bool TryAppendText(ReadOnlySpan<byte> utf8);

    public virtual bool TryAppend(bool value) => false;

    public virtual bool TryAppend(long value) => false;

    public virtual bool TryAppend(ulong value) => value <= long.MaxValue && TryAppend((long)value);

    public virtual bool TryAppend(double value) => false;

    public virtual bool TryAppend(float value) => TryAppend((double)value);

    public virtual bool TryAppend(decimal value) => TryAppend((double)value);

    public virtual bool TryAppend(DateOnly value) => false;

    /// <summary>Appends a moment in UTC.</summary>
    public virtual bool TryAppend(DateTime value) => false;

    public virtual bool TryAppendVector(ReadOnlySpan<double> values) => false;

    public virtual bool TryAppendVector(ReadOnlySpan<float> values) => false;

    /// <summary>Says why a text was not appended.</summary>
    public virtual RowProblem Explain(ReadOnlySpan<byte> utf8, string hint = "") => RowProblem.WrongType(Schema, TypeText.Quote(utf8), hint);

    public abstract void Truncate(int rows);

    public abstract Column Build(int rows);

    private static ColumnAppender Number<T>(ColumnSchema schema, int capacity)
        where T : unmanaged, System.Numerics.INumber<T>, IUtf8SpanParsable<T>
        => schema.Width == 1 ? new NumberAppender<T>(schema, capacity) : new VectorAppender<T>(schema, capacity);
}
