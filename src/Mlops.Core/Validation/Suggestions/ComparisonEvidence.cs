using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for pairs of columns of which one was never above the other in the first half.</summary>
/// <remarks>
/// Columns of different sizes (an age and an income) are never above each other either, which their ranges tell already. So each value is compared with the other column's value of
/// another row, too, one of the 64 before it: only where these are often above, the order within a row says something. And the differences must end at zero by their own law: either
/// several values are equal, or the smallest differences lie so that another half of the rows will hardly pass zero.
/// </remarks>
internal sealed class ComparisonEvidence
{
    private const int History = 64;
    private const double SurprisingRatio = 0.05;
    private readonly ColumnSchema[] _columns;
    private readonly List<Pair> _pairs;
    private readonly double[][] _values;
    private int[] _partners = [];
    private long _rows;

    public ComparisonEvidence(DataSchema schema, int maximumPairs)
    {
        _columns = [.. schema.Where(column => column.Width == 1 && column.Type is not (ElementType.String or ElementType.Boolean) && column.Role != ColumnRole.Key)];
        _values = [.. _columns.Select(_ => new double[History])];
        _pairs = [];
        for (var distance = 1; distance < _columns.Length; distance++)
        {
            for (var left = 0; left + distance < _columns.Length && _pairs.Count < maximumPairs; left++)
            {
                if (ComparisonConstraint.CanCompare(_columns[left], _columns[left + distance])) _pairs.Add(new Pair(left, left + distance));
            }
        }
    }

    /// <summary>Adds rows of the first half.</summary>
    public void Add(DataBatch batch)
    {
        if (_pairs.Count == 0 || batch.RowCount == 0) return;
        foreach (var column in _pairs.SelectMany(pair => new[] { pair.Left, pair.Right }).Distinct()) Read(batch, column);
        FindPartners(batch.RowCount);
        _pairs.RemoveAll(pair =>
        {
            pair.Add(_values[pair.Left].AsSpan(0, History + batch.RowCount), _values[pair.Right], _partners, History);
            return pair.IsMixed;
        });
        foreach (var values in _values)
        {
            if (values.Length >= History + batch.RowCount) values.AsSpan(batch.RowCount, History).CopyTo(values);
        }

        _rows += batch.RowCount;
    }

    /// <summary>Gets the comparisons that held in every row, of the left column with the right one.</summary>
    public IEnumerable<(string Column, ComparisonConstraint Constraint, long Rows)> Find(int minimumRows)
    {
        foreach (var pair in _pairs.Where(pair => pair.Compared >= minimumRows).OrderBy(pair => pair.Left).ThenBy(pair => pair.Right))
        {
            if (pair.GetOperator(SurprisingRatio) is { } comparison)
                yield return (_columns[pair.Left].Name, new ComparisonConstraint(comparison, _columns[pair.Right].Name), pair.Compared);
        }
    }

    private void Read(DataBatch batch, int column)
    {
        if (_values[column].Length < History + batch.RowCount) Array.Resize(ref _values[column], History + batch.RowCount);
        var numbers = _values[column].AsSpan(History, batch.RowCount);
        ColumnNumbers.CopyTo(batch[_columns[column].Name], 0, numbers);
        if (_columns[column].Type != ElementType.Date) return;
        // A day stands for its beginning, where it is compared with a moment.
        foreach (ref var number in numbers) number *= 86_400;
    }

    private void FindPartners(int rows)
    {
        if (_partners.Length < rows) _partners = new int[rows];
        for (var row = 0; row < rows; row++)
        {
            var before = Math.Min(_rows + row, History);
            _partners[row] = before == 0 ? -1 : History + row - 1 - (int)(SplitMix64.Mix((ulong)(_rows + row)) % (ulong)before);
        }
    }

    private sealed class Pair(int left, int right)
    {
        private const int FewestTies = 2;
        private const double CrossingProbability = 0.02;
        private readonly TailValues _nearest = new();
        private long _less;
        private long _equal;
        private long _greater;
        private long _partnersLess;
        private long _partnersEqual;
        private long _partnersGreater;

        public int Left => left;

        public int Right => right;

        public long Compared => _less + _equal + _greater;

        public bool IsMixed => _less > 0 && _greater > 0;

        private long PartnersCompared => _partnersLess + _partnersEqual + _partnersGreater;

        public void Add(ReadOnlySpan<double> lefts, ReadOnlySpan<double> rights, ReadOnlySpan<int> partners, int history)
        {
            for (var i = history; i < lefts.Length; i++)
            {
                Count(lefts[i], rights[i], ref _less, ref _equal, ref _greater);
                if (IsMixed) return;
                if (Math.Abs(lefts[i] - rights[i]) is var difference && !double.IsNaN(difference)) _nearest.Add(-difference);
                if (partners[i - history] >= 0) Count(lefts[i], rights[partners[i - history]], ref _partnersLess, ref _partnersEqual, ref _partnersGreater);
            }
        }

        public ComparisonOperator? GetOperator(double surprisingRatio)
        {
            if (_less == 0 && _greater == 0) return IsSurprising(_partnersLess + _partnersGreater) ? ComparisonOperator.Equal : null;
            if (_equal < FewestTies && !(_nearest.EstimateLimit(CrossingProbability) < 0)) return null;
            if (_greater == 0) return IsSurprising(_partnersGreater) ? _equal > 0 ? ComparisonOperator.LessOrEqual : ComparisonOperator.Less : null;
            return IsSurprising(_partnersLess) ? _equal > 0 ? ComparisonOperator.GreaterOrEqual : ComparisonOperator.Greater : null;

            bool IsSurprising(long against) => against >= surprisingRatio * PartnersCompared;
        }

        private static void Count(double left, double right, ref long less, ref long equal, ref long greater)
        {
            if (left < right) less++;
            else if (left > right) greater++;
            else if (left == right) equal++;
        }
    }
}
