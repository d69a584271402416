using System.Numerics.Tensors;
using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>The correlations (Pearson) of all pairs of numeric columns, in one pass.</summary>
/// <remarks>
/// Of each pair, rows in which one of the two is missing or not finite are left out, as in pandas. Means, squares and products are combined batch by batch without
/// loss of digits: T. Chan, G. Golub, R. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979. Not safe for concurrent changes.
/// </remarks>
public sealed class CorrelationMatrix
{
    private const int LargestColumnCount = 1000;

    private readonly Dictionary<string, int> _positions;
    private readonly PairMoments[] _pairs;
    private double[][] _values = [];
    private double[] _left = [];
    private double[] _right = [];

    /// <summary>Creates an empty matrix.</summary>
    /// <param name="columns">The names of the columns, at most 1000.</param>
    /// <exception cref="ArgumentException">There are too many columns.</exception>
    public CorrelationMatrix(params IReadOnlyList<string> columns)
        : this(columns, new PairMoments[columns.Count * (columns.Count + 1) / 2])
    {
    }

    internal CorrelationMatrix(IReadOnlyList<string> columns, PairMoments[] pairs)
    {
        if (columns.Count > LargestColumnCount)
            throw new ArgumentException($"{columns.Count} columns have {columns.Count * (columns.Count - 1L) / 2} pairs; correlations are computed for at most {LargestColumnCount} columns. Select fewer.", nameof(columns));
        Columns = [.. columns];
        _positions = columns.Index().ToDictionary(column => column.Item, column => column.Index, StringComparer.Ordinal);
        _pairs = pairs;
    }

    /// <summary>Gets the names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    internal ReadOnlySpan<PairMoments> Pairs => _pairs;

    /// <summary>Gets the correlation of two columns.</summary>
    /// <param name="a">A column.</param>
    /// <param name="b">Another column.</param>
    /// <returns>The correlation, −1..1; NaN when there are fewer than two rows with both, or one is constant in them.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public double this[string a, string b] => Pair(a, b).Correlation;

    /// <summary>Gets the number of rows in which both columns have a finite value.</summary>
    /// <param name="a">A column.</param>
    /// <param name="b">Another column.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public long GetCount(string a, string b) => Pair(a, b).Count;

    /// <summary>Adds rows.</summary>
    /// <param name="batch">The rows, which must have all columns, none of them texts.</param>
    /// <exception cref="EntityNotFoundException">A column is absent.</exception>
    public void Add(DataBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var rows = batch.RowCount;
        if (rows == 0) return;
        if (_left.Length < rows) (_values, _left, _right) = ([.. Columns.Select(_ => new double[rows])], new double[rows], new double[rows]);
        var sums = new (double Mean, double Squares, bool IsWhole)[Columns.Count];
        for (var i = 0; i < Columns.Count; i++)
        {
            ColumnNumbers.CopyTo(batch[Columns[i]], 0, _values[i].AsSpan(0, rows));
            sums[i] = Centre(_values[i].AsSpan(0, rows));
        }

        for (int i = 0, pair = 0; i < Columns.Count; i++)
        {
            for (var j = 0; j <= i; j++, pair++)
            {
                var added = sums[i].IsWhole && sums[j].IsWhole
                    ? new PairMoments(rows, sums[i].Mean, sums[j].Mean, sums[i].Squares, sums[j].Squares, TensorPrimitives.Dot<double>(_values[i].AsSpan(0, rows), _values[j].AsSpan(0, rows)))
                    : Measure(i, j, rows, sums[i].Mean, sums[j].Mean);
                _pairs[pair] = _pairs[pair].Combine(added);
            }
        }
    }

    /// <summary>Subtracts the mean, once for all pairs of a column.</summary>
    /// <returns>What was subtracted, the sum of the squares of what is left, and whether all values are finite; otherwise rows are left out, and only the first value was subtracted.</returns>
    private static (double Mean, double Squares, bool IsWhole) Centre(Span<double> values)
    {
        // The first value is taken away first, so that of a constant nothing is left, not even the rounding of a mean.
        var offset = double.IsFinite(values[0]) ? values[0] : 0;
        TensorPrimitives.Subtract(values, offset, values);
        var mean = TensorPrimitives.Sum<double>(values) / values.Length;
        if (!double.IsFinite(mean)) return (offset, 0, false);
        TensorPrimitives.Subtract(values, mean, values);
        return (offset + mean, TensorPrimitives.SumOfSquares<double>(values), true);
    }

    /// <summary>Makes this matrix describe the other one's rows too.</summary>
    /// <param name="other">The matrix of the same columns, which is left as it is.</param>
    /// <exception cref="ArgumentException">The other matrix has other columns.</exception>
    public void Merge(CorrelationMatrix other)
    {
        ArgumentNullException.ThrowIfNull(other);
        CheckMerge(other);
        for (var i = 0; i < _pairs.Length; i++) _pairs[i] = _pairs[i].Combine(other._pairs[i]);
    }

    internal void CheckMerge(CorrelationMatrix other)
    {
        if (!Columns.SequenceEqual(other.Columns, StringComparer.Ordinal)) throw new ArgumentException("The other matrix has other columns.", nameof(other));
    }

    /// <summary>Measures a pair of which some rows are left out.</summary>
    private PairMoments Measure(int i, int j, int rows, double offsetI, double offsetJ)
    {
        var count = 0;
        for (var row = 0; row < rows; row++)
        {
            var (a, b) = (_values[i][row], _values[j][row]);
            if (!double.IsFinite(a) || !double.IsFinite(b)) continue;
            (_left[count], _right[count]) = (a, b);
            count++;
        }

        if (count == 0) return default;
        var left = _left.AsSpan(0, count);
        var right = _right.AsSpan(0, count);
        var (centredLeft, centredRight) = (Centre(left), Centre(right));
        return new PairMoments(
            count, centredLeft.Mean + offsetI, centredRight.Mean + offsetJ, centredLeft.Squares, centredRight.Squares, TensorPrimitives.Dot<double>(left, right));
    }

    private PairMoments Pair(string a, string b)
    {
        var (i, j) = (PositionOf(a), PositionOf(b));
        if (i < j) (i, j) = (j, i);
        return _pairs[(i * (i + 1) / 2) + j];
    }

    private int PositionOf(string column) => _positions.TryGetValue(column, out var position)
        ? position
        : throw new EntityNotFoundException("column", column, $"There are no correlations of '{column}'. They are computed of numbers, dates, timestamps and truth values, where DatasetProfileOptions.Correlations asks for them.");
}
