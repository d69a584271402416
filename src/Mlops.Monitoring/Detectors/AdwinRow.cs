namespace Mlops.Monitoring;

/// <summary>The buckets of one size, the oldest first.</summary>
internal sealed class AdwinRow(int maximumBuckets)
{
    // One more than is kept, because a row overflows before it gives way.
    private readonly double[] _totals = new double[maximumBuckets + 1];
    private readonly double[] _squares = new double[maximumBuckets + 1];

    public int Count { get; private set; }

    public ReadOnlySpan<double> Totals => _totals.AsSpan(0, Count);

    public ReadOnlySpan<double> Squares => _squares.AsSpan(0, Count);

    public void Add(double total, double squares)
    {
        _totals[Count] = total;
        _squares[Count++] = squares;
    }

    public void RemoveOldest(int count)
    {
        _totals.AsSpan(count, Count - count).CopyTo(_totals);
        _squares.AsSpan(count, Count - count).CopyTo(_squares);
        Count -= count;
    }
}
