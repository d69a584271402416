namespace Mlops.Data;

/// <summary>Reads some columns, one after another in the schema, from the fields of CSV rows.</summary>
internal abstract class CsvColumns
{
    protected const string NullHint = ", or name it in CsvOptions.NullTexts if it means a missing value";

    /// <summary>Groups the columns of a schema: neighbours of one numeric type are read by one loop that the processor can predict.</summary>
    public static CsvColumns[] Create(DataSchema schema, int[] ordinals, int capacity, NullTexts nulls, TextBudget budget, bool hasDecimalComma)
    {
        var groups = new List<CsvColumns>();
        for (var start = 0; start < schema.Count;)
        {
            var end = start + 1;
            while (end < schema.Count && schema[end].Type == schema[start].Type && schema[start].Width == 1 && schema[end].Width == 1) end++;
            groups.Add(Create([.. schema.Skip(start).Take(end - start)], ordinals[start..end], capacity, nulls, budget, hasDecimalComma));
            start = end;
        }

        return [.. groups];
    }

    /// <summary>Gets the number of columns.</summary>
    public abstract int Count { get; }

    public abstract RowProblem? Append(CsvInput input, int row, bool mayHoldCommas);

    public abstract void Truncate(int rows);

    public abstract void Build(int rows, Span<Column> columns);

    private static CsvColumns Create(ColumnSchema[] schemas, int[] ordinals, int capacity, NullTexts nulls, TextBudget budget, bool hasDecimalComma) => schemas[0] switch
    {
        { Width: > 1 } => new CsvParsedColumns(schemas, ordinals, capacity, nulls, budget),
        { Type: ElementType.Float64 } => new CsvNumberColumns<double>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.Float32 } => new CsvNumberColumns<float>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.Float16 } => new CsvNumberColumns<Half>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.Int64 } => new CsvNumberColumns<long>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.Int32 } => new CsvNumberColumns<int>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.Int16 } => new CsvNumberColumns<short>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.Int8 } => new CsvNumberColumns<sbyte>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.UInt64 } => new CsvNumberColumns<ulong>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.UInt32 } => new CsvNumberColumns<uint>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.UInt16 } => new CsvNumberColumns<ushort>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        { Type: ElementType.UInt8 } => new CsvNumberColumns<byte>(schemas, ordinals, capacity, nulls, hasDecimalComma),
        _ => new CsvParsedColumns(schemas, ordinals, capacity, nulls, budget),
    };
}
