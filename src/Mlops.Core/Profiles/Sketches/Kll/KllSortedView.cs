namespace Mlops.Profiles;

/// <summary>The kept values of a KLL sketch in order, with cumulated weights: what ranks and quantiles are looked up in.</summary>
internal sealed class KllSortedView
{
    private readonly double[] _values;
    private readonly long[] _cumulated;
    private readonly long _count;

    public KllSortedView(KllLevels levels, long count)
    {
        _count = count;
        var keys = new long[levels.Used];
        _cumulated = new long[levels.Used];
        var used = 0;
        for (var level = 0; level < levels.Count; level++) used = MergeLevel(keys, used, levels[level], 1L << level);
        _values = Array.ConvertAll(keys, SortableDouble.FromKey);
        for (var i = 1; i < _cumulated.Length; i++) _cumulated[i] += _cumulated[i - 1];
    }

    public double GetRank(double value, bool inclusive)
    {
        if (_values.Length == 0 || double.IsNaN(value)) return double.NaN;
        int low = 0, high = _values.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (inclusive ? _values[middle] <= value : _values[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low == 0 ? 0 : (double)_cumulated[low - 1] / _count;
    }

    public double GetQuantile(double rank, bool inclusive)
    {
        if (_values.Length == 0) return double.NaN;
        // Whole weights, as in DataSketches: the product is rounded up for a rank that includes its value, down for one that does not.
        var target = (long)Math.Min(inclusive ? Math.Ceiling(rank * _count) : rank * _count, _count);
        int low = 0, high = _values.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (inclusive ? _cumulated[middle] < target : _cumulated[middle] <= target) low = middle + 1;
            else high = middle;
        }

        return _values[Math.Min(low, _values.Length - 1)];
    }

    public (double Value, long Weight)[] GetItems()
    {
        var items = new (double Value, long Weight)[_values.Length];
        for (var i = 0; i < items.Length; i++) items[i] = (_values[i], i == 0 ? _cumulated[0] : _cumulated[i] - _cumulated[i - 1]);
        return items;
    }

    /// <summary>Merges a level into what is sorted already, from the back; of equal keys, those of lower levels come first.</summary>
    private int MergeLevel(long[] keys, int used, ReadOnlySpan<long> level, long weight)
    {
        var sorted = level.ToArray();
        Array.Sort(sorted);
        int left = used - 1, right = sorted.Length - 1;
        for (var target = used + sorted.Length - 1; right >= 0; target--)
        {
            var takesLeft = left >= 0 && keys[left] > sorted[right];
            keys[target] = takesLeft ? keys[left] : sorted[right];
            _cumulated[target] = takesLeft ? _cumulated[left] : weight;
            if (takesLeft) left--;
            else right--;
        }

        return used + sorted.Length;
    }
}
