using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Tells the values of a column apart; shared by the constraints on their number and their uniqueness.</summary>
internal sealed class OccurrenceScan(ColumnSchema column)
{
    private readonly OccurrenceTable _table = new(column.Type == ElementType.String);
    private bool[] _isRepeated = [];
    private int _rows;

    /// <summary>Gets the number of rows with a value.</summary>
    public long Present { get; private set; }

    /// <summary>Gets the number of different values.</summary>
    public long DistinctCount => _table.DistinctCount;

    /// <summary>Gets the number of values that were there once.</summary>
    public long OnceCount => _table.OnceCount;

    /// <summary>Gets for each of the rows added last whether its value was there before.</summary>
    public ReadOnlySpan<bool> IsRepeated => _isRepeated.AsSpan(0, _rows);

    public void Add(ColumnView view)
    {
        var rows = view.Column;
        _rows = rows.Length;
        if (_isRepeated.Length < rows.Length) _isRepeated = new bool[rows.Length];
        var bits = rows is TextColumn ? [] : OrderedBits.Read(rows);
        for (var row = 0; row < rows.Length; row++)
        {
            // NaN is a missing value; in the ordered bits of floating point it is the largest.
            _isRepeated[row] = !rows.IsNull(row) && (rows is TextColumn texts ? AddPresent(texts.GetUtf8(row)) : !(column.Type.IsFloatingPoint() && bits[row] == ulong.MaxValue) && AddPresent(bits[row]));
        }
    }

    private bool AddPresent(ulong bits)
    {
        Present++;
        return _table.Add(bits);
    }

    private bool AddPresent(ReadOnlySpan<byte> utf8)
    {
        Present++;
        return _table.Add(utf8);
    }
}
