namespace Mlops.Monitoring;

/// <summary>Where bins of numbers end: bins are [lower, upper), the first one has no lower end and the last one no upper.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed class BinEdges
{
    private readonly double[] _inner;
    private readonly BinCounter _counter;

    /// <summary>Takes known edges.</summary>
    /// <param name="inner">The inner edges, finite and ascending.</param>
    /// <exception cref="ArgumentException">An edge is not finite or not above the one before.</exception>
    public BinEdges(params ReadOnlySpan<double> inner)
    {
        for (var i = 0; i < inner.Length; i++)
        {
            if (!double.IsFinite(inner[i]) || (i > 0 && !(inner[i] > inner[i - 1])))
                throw new ArgumentException($"Edge {i} is not finite or not above the one before.", nameof(inner));
        }

        _inner = inner.ToArray();
        _counter = new BinCounter(_inner);
    }

    /// <summary>Gets the one bin of everything.</summary>
    internal static BinEdges None { get; } = new();

    /// <summary>Gets the inner edges, ascending, shape (bins − 1).</summary>
    public ReadOnlySpan<double> Inner => _inner;

    /// <summary>Gets the number of bins.</summary>
    public int BinCount => _inner.Length + 1;

    /// <summary>Gets the bin of a value.</summary>
    /// <param name="value">The value; not NaN.</param>
    /// <returns>The bin, from 0.</returns>
    public int Find(double value)
    {
        var position = Array.BinarySearch(_inner, value);
        return position >= 0 ? position + 1 : ~position;
    }

    /// <summary>Counts the values in each bin. Time O(n): up to 32 edges are compared with whole vectors of values, more are looked up.</summary>
    /// <param name="values">The values, shape (n), in any order; NaN is missing and not counted.</param>
    /// <returns>The counts, shape (bins).</returns>
    public long[] Count(ReadOnlySpan<double> values) => _counter.Count(values);

    internal long[] CountItems((double Value, long Weight)[] items)
    {
        var counts = new long[BinCount];
        foreach (var (value, weight) in items) counts[Find(value)] += weight;
        return counts;
    }
}
