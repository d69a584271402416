using System.Numerics;
using CsvHelper;

namespace Mlops.Data;

/// <summary>Columns of numbers of one type, parsed straight into the memory of the columns.</summary>
internal sealed class CsvNumberColumns<T> : CsvColumns
    where T : unmanaged, INumber<T>, IUtf8SpanParsable<T>
{
    private readonly ColumnSchema[] _schemas;
    private readonly int[] _ordinals;
    private readonly NullTexts _nulls;
    private readonly ColumnBuilder<T>[] _builders;
    private readonly T[][] _buffers;
    private readonly bool _mayParseNulls;

    public CsvNumberColumns(ColumnSchema[] schemas, int[] ordinals, int capacity, NullTexts nulls)
    {
        _schemas = schemas;
        _ordinals = ordinals;
        _nulls = nulls;
        _builders = [.. schemas.Select(_ => new ColumnBuilder<T>(capacity))];
        _buffers = [.. _builders.Select(builder => builder.Buffer)];
        _mayParseNulls = nulls.AreReadAs(schemas[0]);
    }

    public override int Count => _schemas.Length;

    public override RowProblem? Append(CsvReader reader, int row)
    {
        var (ordinals, buffers) = (_ordinals, _buffers);
        for (var i = 0; i < buffers.Length; i++)
        {
            // Nearly every field is a number, so that is tried first, and what else it may be when it is not.
            if (!_mayParseNulls && reader.TryParse(ordinals[i], out buffers[i][row])) continue;
            if (AppendOther(reader.GetSpan(ordinals[i]), i, row) is { } problem) return problem;
        }

        return null;
    }

    public override void Truncate(int rows)
    {
        foreach (var builder in _builders) builder.SetCount(rows);
    }

    public override void Build(int rows, Span<Column> columns)
    {
        for (var i = 0; i < _builders.Length; i++)
        {
            _builders[i].SetCount(rows);
            columns[i] = _builders[i].Build();
            _buffers[i] = _builders[i].Buffer;
        }
    }

    private RowProblem? AppendOther(ReadOnlySpan<byte> field, int column, int row)
    {
        if (_nulls.Contains(field))
        {
            if (!_schemas[column].IsNullable) return RowProblem.Missing(_schemas[column]);
            _builders[column].MarkNull(row);
            return null;
        }

        return FieldText.TryParseNumber(field, out _buffers[column][row]!) ? null : RowProblem.WrongType(_schemas[column], TypeText.Quote(field), NullHint);
    }
}
