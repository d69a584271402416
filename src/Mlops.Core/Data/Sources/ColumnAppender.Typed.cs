namespace Mlops.Data;

/// <summary>An appender over a column builder.</summary>
internal abstract class ColumnAppender<T>(ColumnSchema schema, int capacity) : ColumnAppender(schema)
    where T : unmanaged
{
    public ColumnBuilder<T> Builder { get; } = new(capacity, schema.Width);

    public override void AppendNull() => Builder.AppendNull();

    public override void Truncate(int rows)
    {
        if (Builder.Count > rows) Builder.SetCount(rows);
    }

    public override Column Build(int rows) => Builder.Build();

    protected bool Append(T value)
    {
        Builder.Append(value);
        return true;
    }
}
