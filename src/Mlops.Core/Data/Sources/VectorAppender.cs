using System.Numerics;

namespace Mlops.Data;

/// <summary>Appends vectors of a fixed number of numbers.</summary>
internal sealed class VectorAppender<T>(ColumnSchema schema, int capacity) : ColumnAppender<T>(schema, capacity)
    where T : unmanaged, INumber<T>, IUtf8SpanParsable<T>
{
    private readonly T[] _row = new T[schema.Width];

    public override bool TryAppendText(ReadOnlySpan<byte> utf8) => FieldText.TryParseVector(utf8, _row) && AppendRow();

    public override bool TryAppendVector(ReadOnlySpan<double> values)
    {
        if (values.Length != _row.Length) return false;
        for (var i = 0; i < _row.Length; i++)
        {
            if (!NumberConversion.TryConvert(values[i], out _row[i])) return false;
        }

        return AppendRow();
    }

    public override bool TryAppendVector(ReadOnlySpan<float> values)
    {
        if (values.Length != _row.Length) return false;
        for (var i = 0; i < _row.Length; i++)
        {
            if (!NumberConversion.TryConvert((double)values[i], out _row[i])) return false;
        }

        return AppendRow();
    }

    private bool AppendRow()
    {
        Builder.Append(_row.AsSpan());
        return true;
    }
}
