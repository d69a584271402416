using System.Numerics;
using System.Runtime.CompilerServices;
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

    public override RowProblem? Append(CsvInput input, int row, bool mayHoldCommas)
    {
        // Nearly every field is a number, so that is tried first, and what else it may be when it is not.
        var isPlain = !_mayParseNulls && !mayHoldCommas;
        for (var i = isPlain ? Parse(input.Reader, _ordinals, _buffers, 0, row) : 0; i < _buffers.Length; i = isPlain ? Parse(input.Reader, _ordinals, _buffers, i + 1, row) : i + 1)
        {
            if (AppendOther(input.Reader.GetSpan(_ordinals[i]), i, row) is { } problem) return problem;
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

    /// <summary>Parses fields until one is not a number.</summary>
    /// <returns>The position of that field; the number of fields when there is none.</returns>
    // Kept apart from its callers: with few values to hold, all stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Parse(CsvReader reader, int[] ordinals, T[][] buffers, int start, int row)
    {
        for (var i = start; i < buffers.Length; i++)
        {
            if (!reader.TryParse(ordinals[i], out T value)) return i;
            buffers[i][row] = value;
        }

        return buffers.Length;
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
