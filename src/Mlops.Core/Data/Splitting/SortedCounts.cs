namespace Mlops.Data;

/// <summary>The different values of a column in their order, with the number of rows of each. Takes memory for different values only.</summary>
internal sealed class SortedCounts
{
    private const int SmallestBuffer = 1 << 16;
    private long[] _values = [];
    private long[] _counts = [];
    private long[] _buffer = new long[SmallestBuffer];
    private int _buffered;

    /// <summary>Gets the different values, ascending.</summary>
    public ReadOnlySpan<long> Values => _values;

    /// <summary>Gets the number of rows before each value, and of all rows at the end; shape (values + 1). Known when all rows have been added.</summary>
    public long[] Ends { get; private set; } = [0];

    /// <summary>Gets the number of rows.</summary>
    public long RowCount => Ends[^1];

    /// <summary>Adds the value of a row.</summary>
    public void Add(long value)
    {
        if (_buffered == _buffer.Length) Merge();
        _buffer[_buffered++] = value;
    }

    /// <summary>Ends the adding.</summary>
    public void Finish()
    {
        Merge();
        _buffer = [];
        Ends = new long[_values.Length + 1];
        for (var i = 0; i < _values.Length; i++) Ends[i + 1] = Ends[i] + _counts[i];
        _counts = [];
    }

    /// <summary>Finds the first value that is not below another.</summary>
    /// <returns>Its position; the number of values when there is none.</returns>
    public int LowerBound(Int128 value)
    {
        var (low, high) = (0, _values.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_values[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>Cuts the rows at values near to some positions, so that rows of one value stay together and no piece is empty.</summary>
    /// <param name="positions">The positions, ascending; fewer than there are values.</param>
    /// <returns>The positions among the values of those that begin a new piece, ascending.</returns>
    public int[] Cut(ReadOnlySpan<long> positions)
    {
        var cuts = new int[positions.Length];
        for (var i = 0; i < cuts.Length; i++)
        {
            // Each cut leaves a value for every piece before and after it.
            var (least, most) = (i == 0 ? 1 : cuts[i - 1] + 1, _values.Length - (cuts.Length - i));
            cuts[i] = Math.Clamp(Nearest(positions[i]), least, most);
        }

        return cuts;
    }

    /// <summary>Finds the boundary between two values that is nearest to a position among the rows; the earlier of two.</summary>
    public int Nearest(long position)
    {
        var index = Ends.AsSpan().BinarySearch(position);
        if (index >= 0) return index;
        var above = Math.Min(~index, Ends.Length - 1);
        return above > 0 && position - Ends[above - 1] <= Ends[above] - position ? above - 1 : above;
    }

    private void Merge()
    {
        var added = _buffer.AsSpan(0, _buffered);
        added.Sort();
        var (values, counts) = (new long[_values.Length + added.Length], new long[_values.Length + added.Length]);
        var (known, next, count) = (0, 0, 0);
        while (known < _values.Length || next < added.Length)
        {
            var isKnown = known < _values.Length && (next == added.Length || _values[known] <= added[next]);
            values[count] = isKnown ? _values[known] : added[next];
            if (isKnown) counts[count] = _counts[known++];
            for (; next < added.Length && added[next] == values[count]; next++) counts[count]++;
            count++;
        }

        (_values, _counts, _buffered) = (values, counts, 0);
        Array.Resize(ref _values, count);
        Array.Resize(ref _counts, count);
        // As large as what it is merged with, so that the work stays in proportion to the rows.
        if (_buffer.Length < count) _buffer = new long[count];
    }
}
