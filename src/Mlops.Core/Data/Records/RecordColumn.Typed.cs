namespace Mlops.Data;

/// <summary>Gets values of one type from records.</summary>
internal sealed class RecordColumn<T, TValue>(ColumnSchema schema, Func<T, TValue> get) : RecordColumn<T>(schema)
{
    public override bool IsDecimal => typeof(TValue) == typeof(decimal) || typeof(TValue) == typeof(decimal?);

    public override object? GetValue(T record) => get(record);

    public override RowProblem? Append(T record, ColumnAppender column)
    {
        var value = get(record);
        if (value is null)
        {
            if (!column.Schema.IsNullable) return RowProblem.Missing(column.Schema);
            column.AppendNull();
            return null;
        }

        return ClrValue.TryAppend(value, column) ? null : RowProblem.WrongType(column.Schema, TypeText.Quote(value));
    }
}
