using CsvHelper;

namespace Mlops.Data;

/// <summary>Reads one column of a CSV file into columns.</summary>
internal abstract class CsvColumn(ColumnSchema schema)
{
    public ColumnSchema Schema { get; } = schema;

    public static CsvColumn Create(ColumnSchema schema, int capacity) => schema.Type switch
    {
        ElementType.Float64 => new Parsed<double>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.Float32 => new Parsed<float>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.Int64 => new Parsed<long>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.Int32 => new Parsed<int>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.Int16 => new Parsed<short>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.Int8 => new Parsed<sbyte>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.UInt64 => new Parsed<ulong>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.UInt32 => new Parsed<uint>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.UInt16 => new Parsed<ushort>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.UInt8 => new Parsed<byte>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.Float16 => new Parsed<Half>(schema, capacity, CsvValues.TryParseNumber),
        ElementType.Boolean => new Parsed<bool>(schema, capacity, static (CsvReader reader, int i, out bool value) => CsvValues.TryParseBoolean(reader.GetSpan(i), out value)),
        ElementType.Date => new Parsed<DateOnly>(schema, capacity, static (CsvReader reader, int i, out DateOnly value) => CsvValues.TryParseDate(reader.GetSpan(i), out value)),
        ElementType.Timestamp => new Parsed<DateTime>(schema, capacity, static (CsvReader reader, int i, out DateTime value) => CsvValues.TryParseTimestamp(reader.GetSpan(i), out value)),
        ElementType.String => new Text(schema, capacity),
        _ => throw new NotSupportedException($"A CSV column cannot be {schema.Type}."),
    };

    /// <summary>Appends a field; <see langword="false"/> when it is not a value of the type.</summary>
    public abstract bool TryAppend(CsvReader reader, int ordinal);

    public abstract void AppendNull();

    /// <summary>Builds a column of the first rows; a field that was read for a row that was refused afterwards is dropped.</summary>
    public abstract Column Build(int rows);

    private delegate bool Parser<T>(CsvReader reader, int ordinal, out T value);

    private sealed class Parsed<T>(ColumnSchema schema, int capacity, Parser<T> parse) : CsvColumn(schema)
        where T : unmanaged
    {
        private readonly ColumnBuilder<T> _builder = new(capacity);

        public override bool TryAppend(CsvReader reader, int ordinal)
        {
            if (!parse(reader, ordinal, out var value)) return false;
            _builder.Append(value);
            return true;
        }

        public override void AppendNull() => _builder.AppendNull();

        public override Column Build(int rows) => Cut(_builder.Build(), rows);
    }

    private sealed class Text(ColumnSchema schema, int capacity) : CsvColumn(schema)
    {
        private readonly TextColumnBuilder _builder = new(capacity);

        public override bool TryAppend(CsvReader reader, int ordinal)
        {
            _builder.Append(reader.GetSpan(ordinal));
            return true;
        }

        public override void AppendNull() => _builder.AppendNull();

        public override Column Build(int rows) => Cut(_builder.Build(), rows);
    }

    private static Column Cut(Column column, int rows) => column.Length == rows ? column : column.Slice(0, rows);
}
