using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>The rows of a sample that are present, in an order that does not depend on the one in which they came; a sample of them where they are too many.</summary>
internal sealed class PresentRows
{
    private readonly ulong _hash;

    private PresentRows(double[] values, int width, int total, ulong hash) => (Values, Width, Total, _hash) = (values, width, total, hash);

    /// <summary>Gets the values, shape (<see cref="Count"/> × <see cref="Width"/>), row by row; -0 is 0.</summary>
    public double[] Values { get; }

    public int Width { get; }

    /// <summary>Gets the number of rows that are taken.</summary>
    public int Count => Values.Length / Width;

    /// <summary>Gets the number of rows that are present.</summary>
    public int Total { get; }

    /// <summary>Takes the present rows of both samples.</summary>
    /// <exception cref="ArgumentException">The rows have different widths.</exception>
    public static (PresentRows Reference, PresentRows Current) Take(RowSet reference, RowSet current, int maximumRows, ulong seed)
    {
        if (reference.Width != current.Width && reference.Count > 0 && current.Count > 0)
            throw new ArgumentException($"The rows have {reference.Width} and {current.Width} values; give both the same columns.", nameof(current));
        return (Take(reference, maximumRows, seed), Take(current, maximumRows, seed));
    }

    /// <summary>Makes a seed of the rows and of that of the test.</summary>
    /// <remarks>Rows are in order. Drawn by a seed that is the same for all rows, the same places of the order would be drawn each time, and chance would be no chance.</remarks>
    public static ulong GetSeed(ulong seed, PresentRows reference, PresentRows current) => SplitMix64.Mix(SplitMix64.Mix(seed ^ reference._hash) ^ current._hash);

    /// <summary>Writes rows as they are, for reference data whose order counts.</summary>
    internal static PresentRows FromOrdered(double[] values, int width) => new(values, width, values.Length / width, 0);

    private static PresentRows Take(RowSet rows, int maximumRows, ulong seed)
    {
        var (values, width) = (rows.Values, Math.Max(1, rows.Width));
        var present = new List<int>(rows.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            var isPresent = true;
            foreach (var value in values.Span.Slice(row * width, width)) isPresent &= double.IsFinite(value);
            if (isPresent) present.Add(row);
        }

        var order = present.ToArray();
        var firsts = Array.ConvertAll(order, row => values.Span[row * width] + 0.0);
        Array.Sort(firsts, order);
        var comparer = Comparer<int>.Create((a, b) => values.Span.Slice(a * width, width).SequenceCompareTo(values.Span.Slice(b * width, width)));
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && firsts[end] == firsts[start];) end++;
            if (end - start > 1 && width > 1) Array.Sort(order, start, end - start, comparer);
        }

        ulong hash = 1;
        foreach (var row in order)
        {
            foreach (var value in values.Span.Slice(row * width, width)) hash = SplitMix64.Mix(hash ^ BitConverter.DoubleToUInt64Bits(value + 0.0));
        }

        var taken = Sample(order, maximumRows, SplitMix64.Mix(seed ^ hash));
        var result = new double[taken.Length * width];
        for (var i = 0; i < taken.Length; i++)
        {
            var row = values.Span.Slice(taken[i] * width, width);
            // Adding 0 makes -0 into 0.
            for (var k = 0; k < width; k++) result[(i * width) + k] = row[k] + 0.0;
        }

        return new PresentRows(result, width, order.Length, hash);
    }

    /// <summary>Draws items, each equally likely, and leaves them in their order.</summary>
    internal static T[] Sample<T>(T[] items, int count, ulong seed)
    {
        if (items.Length <= count) return items;
        var (places, random) = (new int[items.Length], new SplitMix64(seed));
        for (var i = 0; i < places.Length; i++) places[i] = i;
        for (var i = 0; i < count; i++)
        {
            var j = i + (int)random.Next((ulong)(places.Length - i));
            (places[i], places[j]) = (places[j], places[i]);
        }

        Array.Sort(places, 0, count);
        return Array.ConvertAll(places[..count], place => items[place]);
    }
}
