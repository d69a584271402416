using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using CsvHelper;

namespace Mlops.Data;

/// <summary>Columns of numbers of one type, parsed straight into the memory of the columns.</summary>
internal sealed class CsvNumberColumns<T> : CsvColumns
    where T : unmanaged, INumber<T>, IUtf8SpanParsable<T>
{
    private const int RowsAhead = 16;

    private readonly ColumnSchema[] _schemas;
    private readonly int[] _ordinals;
    private readonly NullTexts _nulls;
    private readonly ColumnBuilder<T>[] _builders;
    private readonly T[][] _buffers;
    private readonly bool _isChecked;

    public CsvNumberColumns(ColumnSchema[] schemas, int[] ordinals, int capacity, NullTexts nulls, bool hasDecimalComma)
    {
        _schemas = schemas;
        _ordinals = ordinals;
        _nulls = nulls;
        _builders = [.. schemas.Select(_ => new ColumnBuilder<T>(capacity))];
        _buffers = [.. _builders.Select(builder => builder.Buffer)];
        _isChecked = hasDecimalComma || nulls.AreReadAs(schemas[0]);
    }

    public override int Count => _schemas.Length;

    public override RowProblem? Append(CsvInput input, int row, bool mayHoldCommas)
    {
        // Nearly every field is a number, so that is tried first, and what else it may be when it is not.
        if ((row & 7) == 0) Prefetch(row);
        for (var i = ParseFrom(0); i < _buffers.Length; i = ParseFrom(i + 1))
        {
            if (AppendOther(input, i, row) is { } problem) return problem;
        }

        return null;

        int ParseFrom(int start) => _isChecked ? start
            : mayHoldCommas ? ParseWithoutCommas(input.Reader, _ordinals, _buffers, start, row)
            : Parse(input.Reader, _ordinals, _buffers, start, row);
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

    /// <summary>Asks for the memory of the rows that come next: each column is written at another place, and waiting for all of them costs a tenth of the time.</summary>
    private unsafe void Prefetch(int row)
    {
        if (!Sse.IsSupported) return;
        foreach (var buffer in _buffers)
        {
            if (row + RowsAhead < buffer.Length) Sse.Prefetch0(Unsafe.AsPointer(ref buffer[row + RowsAhead]));
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

    /// <summary>Parses fields until one is not a number, or holds a comma.</summary>
    private static int ParseWithoutCommas(CsvReader reader, int[] ordinals, T[][] buffers, int start, int row)
    {
        for (var i = start; i < buffers.Length; i++)
        {
            if (reader.GetSpan(ordinals[i]).Contains((byte)',') || !reader.TryParse(ordinals[i], out T value)) return i;
            buffers[i][row] = value;
        }

        return buffers.Length;
    }

    private RowProblem? AppendOther(CsvInput input, int column, int row)
    {
        var field = input.Reader.GetSpan(_ordinals[column]);
        if (_nulls.Contains(field))
        {
            if (!_schemas[column].IsNullable) return RowProblem.Missing(_schemas[column]);
            _builders[column].MarkNull(row);
            return null;
        }

        return FieldText.TryParseNumber(input.AsNumber(field), out _buffers[column][row]!) ? null : RowProblem.WrongType(_schemas[column], TypeText.Quote(field), NullHint);
    }
}
