namespace Mlops.Data;

/// <summary>The rows of each key in the order of their times.</summary>
internal sealed class AsOfIndex
{
    // The time of a row that has none: before all others.
    private const long NoTime = -1;
    private readonly JoinIndex _groups;
    private readonly long[] _times;

    /// <summary>Builds an index; rows without a time or a key are in none.</summary>
    /// <param name="keys">The key columns of all rows; there may be none.</param>
    /// <param name="time">Their times.</param>
    public AsOfIndex(DataBatch keys, Column time)
    {
        _groups = new JoinIndex(keys, time.Length);
        var ticks = TicksOf(time);
        _times = new long[_groups.Rows.Length];
        for (var i = 0; i < _times.Length; i++) _times[i] = ticks[_groups.Rows[i]];
        for (var key = 0; key < _groups.Count; key++)
        {
            var (start, end) = _groups.RangeOf(key);
            StableSort.Sort(_times.AsSpan(start..end), _groups.Rows[start..end]);
        }
    }

    /// <summary>Finds the numbers of the keys of other rows; <see cref="RowKeys.None"/> where there is none.</summary>
    public void Find(DataBatch keys, Span<int> target) => _groups.Find(keys, target);

    /// <summary>Finds the row of a key for a moment.</summary>
    /// <param name="key">The number of the key.</param>
    /// <param name="moment">The moment, in ticks.</param>
    /// <param name="options">The direction and the tolerance.</param>
    /// <returns>The row; -1 where there is none.</returns>
    public int Find(int key, long moment, AsOfJoinOptions options)
    {
        if (key == RowKeys.None || moment == NoTime) return -1;
        var (start, end) = _groups.RangeOf(key);
        var times = _times.AsSpan(start..end);
        var allowed = options.Tolerance?.Ticks ?? long.MaxValue;
        // Of several rows of the same time the one nearest to where we come from: the last going back, the first going ahead.
        var back = options.Direction == AsOfDirection.Forward ? -1 : FirstAfter(times, options.AllowExactMatches ? moment : moment - 1) - 1;
        if (back >= 0 && (times[back] == NoTime || moment - times[back] > allowed)) back = -1;
        var ahead = options.Direction == AsOfDirection.Backward ? times.Length : FirstAfter(times, options.AllowExactMatches ? moment - 1 : moment);
        if (ahead < times.Length && (times[ahead] == NoTime || times[ahead] - moment > allowed)) ahead = times.Length;
        if (back < 0 && ahead == times.Length) return -1;
        var isBack = ahead == times.Length || (back >= 0 && moment - times[back] <= times[ahead] - moment);
        return _groups.Rows[start + (isBack ? back : ahead)];
    }

    /// <summary>Reads the times of a column in ticks; a day is its first moment.</summary>
    public static long[] TicksOf(Column time)
    {
        var ticks = new long[time.Length];
        for (var row = 0; row < ticks.Length; row++)
        {
            ticks[row] = time.IsNull(row) ? NoTime
                : time is Column<DateOnly> days ? days.Values[row].DayNumber * TimeSpan.TicksPerDay
                : ((Column<DateTime>)time).Values[row].Ticks;
        }

        return ticks;
    }

    // The number of times that are not after the moment.
    private static int FirstAfter(ReadOnlySpan<long> times, long moment)
    {
        var (low, high) = (0, times.Length);
        while (low < high)
        {
            var middle = (int)(((uint)low + (uint)high) >> 1);
            if (times[middle] <= moment) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
