using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The rows of one column that are being checked, with what several constraints need of them computed once.</summary>
internal sealed class ColumnView
{
    private Column? _column;
    private double[] _buffer = [];
    private bool _hasNumbers;
    private NumberFacts? _facts;

    /// <summary>Gets the rows.</summary>
    public Column Column => _column!;

    /// <summary>Gets all columns of the rows.</summary>
    public DataBatch Batch { get; private set; } = null!;

    /// <summary>Gets the number of the first row in its dataset, from 0.</summary>
    public long FirstRow { get; private set; }

    /// <summary>Gets the values as numbers, shape (rows × width); NaN where there is none.</summary>
    public ReadOnlySpan<double> Numbers
    {
        get
        {
            if (Column is Column<double> doubles && doubles.NullCount == 0) return doubles.Values;
            var length = Column.Length * Column.Width;
            if (!_hasNumbers)
            {
                if (_buffer.Length < length) _buffer = new double[length];
                ColumnNumbers.CopyTo(Column, 0, _buffer.AsSpan(0, length));
                _hasNumbers = true;
            }

            return _buffer.AsSpan(0, length);
        }
    }

    /// <summary>Gets minimum, maximum and the number of NaN.</summary>
    public NumberFacts Facts => _facts ??= NumberFacts.Measure(Numbers);

    /// <summary>Turns to other rows.</summary>
    public void Show(DataBatch batch, int column, long firstRow)
    {
        (Batch, _column, FirstRow) = (batch, batch[column], firstRow);
        (_hasNumbers, _facts) = (false, null);
    }
}
