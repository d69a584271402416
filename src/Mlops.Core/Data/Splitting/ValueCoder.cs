namespace Mlops.Data;

/// <summary>Numbers the different values of a column in the order of their first rows.</summary>
/// <param name="dataset">The name of the dataset, for errors.</param>
/// <param name="column">The column.</param>
/// <param name="isGroup">
/// Whether the values are groups: a row without one, or with NaN, is an error. Otherwise they are labels: all rows without one, or with NaN, get a number of their own.
/// </param>
internal sealed class ValueCoder(string dataset, ColumnSchema column, bool isGroup) : RowCoder(dataset, column)
{
    private readonly RowKeys _keys = new([column], areNullsValues: false);
    // The number of each key, and of rows without one; -1 before the first row of that key.
    private readonly List<int> _numbers = [];
    private int _missingNumber = -1;
    private int _next;
    private long _rows;
    private long _missing;
    private long _firstMissing;

    protected override void Code(Column values, Span<int> codes)
    {
        _keys.Add(new DataBatch(new DataSchema(Column), values), codes);
        while (_numbers.Count < _keys.Count) _numbers.Add(-1);
        var doubles = Column.Type.IsFloatingPoint() ? ColumnNumbers.ToDoubles(values) : null;
        for (var row = 0; row < codes.Length; row++)
        {
            var isMissing = codes[row] == RowKeys.None || (doubles is not null && double.IsNaN(doubles[row]));
            codes[row] = isMissing ? NumberMissing(_rows + row) : Number(codes[row], doubles?[row] ?? 0);
        }

        _rows += codes.Length;
    }

    protected override void Finish()
    {
        if (isGroup && _missing > 0)
        {
            throw new DataFormatException(
                Dataset, 0, Column.Name, $"{_missing} of {_rows} rows have no group, the first is row {_firstMissing} (from 0), so that it is unknown with which rows they must stay. " +
                $"Give each a group, or leave them out: data.WhereNotNull(\"{Column.Name}\").");
        }

        if (_rows > 0 && _missing == _rows)
            throw new DataFormatException(Dataset, 0, Column.Name, "no row has a value, so that there is nothing to stratify by. Name another column, or split at random.");
    }

    private int Number(int key, double value)
    {
        if (_numbers[key] >= 0) return _numbers[key];
        if (!isGroup && double.IsFinite(value) && value != Math.Floor(value))
        {
            throw new ArgumentException(
                $"Column '{Column.Name}' of dataset '{Dataset}' holds fractions: a quantity, not classes. Stratify by parts of its range with bins: 10, or split at random.");
        }

        return _numbers[key] = _next++;
    }

    private int NumberMissing(long row)
    {
        if (_missing++ == 0)
        {
            _firstMissing = row;
            _missingNumber = isGroup ? 0 : _next++;
        }

        return _missingNumber;
    }
}
