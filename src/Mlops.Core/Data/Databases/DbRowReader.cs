using System.Buffers.Binary;
using System.Data.Common;

namespace Mlops.Data;

/// <summary>Reads the rows of a query.</summary>
internal sealed class DbRowReader : AppendingRowReader
{
    private readonly DbQuery _query;
    private readonly DbDataReader _reader;
    private readonly int[] _ordinals;
    private long _number;

    public DbRowReader(string source, DbQuery query, int[] ordinals, DataSchema schema, int batchRows)
        : base(source, schema, batchRows)
    {
        _query = query;
        _reader = query.Reader;
        _ordinals = ordinals;
    }

    public override long Line => _number;

    public override ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        _number++;
        return new ValueTask<bool>(_reader.ReadAsync(cancellationToken));
    }

    public override RowProblem? Append(int row)
    {
        for (var i = 0; i < Columns.Length; i++)
        {
            var (column, ordinal) = (Columns[i], _ordinals[i]);
            if (_reader.IsDBNull(ordinal))
            {
                if (AppendMissing(column) is { } missing) return missing;
            }
            else if (!TryAppend(column, ordinal))
            {
                return RowProblem.WrongType(column.Schema, TypeText.Quote(_reader.GetValue(ordinal)));
            }
        }

        return null;
    }

    public override string GetText() => ClrValue.ToText(Enumerable.Range(0, _reader.FieldCount).Select(i => (_reader.GetName(i), (object?)_reader.GetValue(i))));

    public override async ValueTask DisposeAsync()
    {
        await _query.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private bool TryAppend(ColumnAppender column, int ordinal)
    {
        // Asked of every row: SQLite has types of values, not of columns. The typed getters spare the boxes.
        var type = _reader.GetFieldType(ordinal);
        if (type == typeof(long)) return column.TryAppend(_reader.GetInt64(ordinal));
        if (type == typeof(double)) return column.TryAppend(_reader.GetDouble(ordinal));
        if (type == typeof(int)) return column.TryAppend((long)_reader.GetInt32(ordinal));
        if (type == typeof(float)) return column.TryAppend(_reader.GetFloat(ordinal));
        if (type == typeof(bool)) return column.TryAppend(_reader.GetBoolean(ordinal));
        if (type == typeof(string)) return ClrValue.TryAppend(_reader.GetString(ordinal), column);
        if (type == typeof(DateTime)) return ClrValue.TryAppend(_reader.GetDateTime(ordinal), column);
        var value = _reader.GetValue(ordinal);
        return value is byte[] bytes ? TryAppendBytes(bytes, column) : ClrValue.TryAppend(value, column);
    }

    /// <summary>A vector as the bytes of its 32-bit numbers, as extensions of SQLite keep it.</summary>
    private static bool TryAppendBytes(byte[] bytes, ColumnAppender column)
    {
        if (bytes.Length != column.Schema.Width * sizeof(float) || column.Schema.Width == 1) return false;
        var vector = new float[column.Schema.Width];
        for (var i = 0; i < vector.Length; i++) vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        return column.TryAppendVector(vector);
    }
}
