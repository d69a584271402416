using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>A uniform sample of rows that can be merged: each row gets a random number, and the rows of the smallest numbers are kept.</summary>
/// <remarks>Deterministic: the numbers are a function of the seed, the row's position and the bits of its values.</remarks>
internal sealed class RowSample(int columns, int capacity, ulong seed)
{
    private readonly PriorityQueue<(ulong Priority, double[] Row), ulong> _rows = new(Comparer<ulong>.Create(static (a, b) => b.CompareTo(a)));
    private long _position;

    public int Capacity => capacity;

    public ulong Seed => seed;

    public long Position => _position;

    /// <summary>Gets the rows with their numbers, in the order of the numbers.</summary>
    public IEnumerable<(ulong Priority, double[] Row)> Rows => _rows.UnorderedItems.Select(item => item.Element).OrderBy(item => item.Priority).ThenBy(item => item.Row[0]);

    /// <summary>Adds rows, column by column.</summary>
    public void Add(ReadOnlySpan<double[]> values, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            var hash = SplitMix64.At(seed, (ulong)_position++);
            for (var i = 0; i < columns; i++) hash = SplitMix64.Mix(hash ^ BitConverter.DoubleToUInt64Bits(values[i][row]));
            if (_rows.Count == capacity && hash >= _rows.Peek().Priority) continue;
            var copy = new double[columns];
            for (var i = 0; i < columns; i++) copy[i] = values[i][row];
            Keep(hash, copy);
        }
    }

    public void Keep(ulong priority, double[] row)
    {
        if (_rows.Count < capacity) _rows.Enqueue((priority, row), priority);
        else if (priority < _rows.Peek().Priority) _rows.EnqueueDequeue((priority, row), priority);
    }

    public void Merge(RowSample other)
    {
        foreach (var (priority, row) in other.Rows) Keep(priority, row);
        _position += other._position;
    }

    public void Restore(long position) => _position = position;
}
