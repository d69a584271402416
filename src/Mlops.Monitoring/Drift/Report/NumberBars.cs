using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Makes bars of numbers: of equal width between the outer half per cents of both sides, so that a few far values do not press all others into one bar.</summary>
internal static class NumberBars
{
    private const double OuterShare = 0.005;
    private const int SampledValues = 4096;

    /// <summary>Makes bars of values, none of them NaN; infinite ones are in the outer bars.</summary>
    public static ColumnDistributions? FromValues(double[] reference, double[] current)
    {
        if (reference.Length == 0 && current.Length == 0) return null;
        var range = Widen(GetRange(Draw(reference)), GetRange(Draw(current)));
        if (range is not var (low, high)) return null;
        return Create(low, high, Count(reference, low, high), Count(current, low, high));
    }

    /// <summary>Makes bars of two sketches.</summary>
    public static ColumnDistributions? FromSketches(KllSketch reference, KllSketch current)
    {
        var (x, y) = (reference.Count == 0 ? [] : reference.GetSortedItems(), current.Count == 0 ? [] : current.GetSortedItems());
        if (Widen(GetRange(x), GetRange(y)) is not var (low, high)) return null;
        return Create(low, high, Count(x, low, high), Count(y, low, high));
    }

    private static (double Value, long Weight)[] Draw(double[] values)
    {
        // Every so many values: enough to find a range to draw.
        var step = Math.Max(1, values.Length / SampledValues);
        var drawn = new List<double>();
        for (var i = 0; i < values.Length; i += step) drawn.Add(values[i]);
        drawn.Sort();
        return [.. drawn.Select(value => (value, 1L))];
    }

    private static (double Low, double High)? GetRange((double Value, long Weight)[] sorted)
    {
        (double Value, long Weight)[] finite = [.. sorted.Where(item => double.IsFinite(item.Value))];
        if (finite.Length == 0) return null;
        var total = finite.Sum(item => (double)item.Weight);
        double below = 0, low = finite[0].Value, high = finite[^1].Value;
        var isLow = false;
        foreach (var (value, weight) in finite)
        {
            below += weight;
            if (!isLow && below > OuterShare * total) (low, isLow) = (value, true);
            if (below < (1 - OuterShare) * total) continue;
            high = value;
            break;
        }

        return low < high ? (low, high) : (finite[0].Value, finite[^1].Value);
    }

    private static (double Low, double High)? Widen((double Low, double High)? first, (double Low, double High)? second)
    {
        if (first is not { } a) return Spread(second);
        return second is not { } b ? Spread(a) : Spread((Math.Min(a.Low, b.Low), Math.Max(a.High, b.High)));
    }

    /// <summary>Gives a range of one number some width.</summary>
    private static (double Low, double High)? Spread((double Low, double High)? range)
    {
        if (range is not var (low, high) || low < high) return range;
        var margin = low == 0 ? 1 : Math.Abs(low) * 0.1;
        return double.IsFinite(low - margin) && double.IsFinite(low + margin) ? (low - margin, low + margin) : low > 0 ? (low * 0.9, low) : (low, low * 0.9);
    }

    private static ColumnDistributions Create(double low, double high, long[] reference, long[] current)
    {
        const int Bars = ColumnDistributions.MaximumBars;
        // Weighted, because the difference of the ends may be infinite.
        double[] edges = [.. Enumerable.Range(0, Bars + 1).Select(i => (low * (1 - ((double)i / Bars))) + (high * ((double)i / Bars)))];
        // Of a range of a few neighbouring numbers, rounding may put one edge before the last.
        for (var i = 1; i <= Bars; i++) edges[i] = Math.Max(edges[i - 1], edges[i]);
        return new ColumnDistributions(CategoryBars.GetShares(reference), CategoryBars.GetShares(current)) { Edges = edges };
    }

    private static long[] Count(double[] values, double low, double high)
    {
        var counts = new long[ColumnDistributions.MaximumBars];
        var (start, scale) = (low / 2, counts.Length / ((high / 2) - (low / 2)));
        // Ranges so narrow that the scale overflows have their values at the ends.
        foreach (var value in values) counts[double.IsFinite(scale) ? GetBar(((value / 2) - start) * scale) : value < high ? 0 : counts.Length - 1]++;
        return counts;
    }

    private static long[] Count((double Value, long Weight)[] items, double low, double high)
    {
        var counts = new long[ColumnDistributions.MaximumBars];
        var (start, scale) = (low / 2, counts.Length / ((high / 2) - (low / 2)));
        foreach (var (value, weight) in items) counts[double.IsFinite(scale) ? GetBar(((value / 2) - start) * scale) : value < high ? 0 : counts.Length - 1] += weight;
        return counts;
    }

    // A conversion saturates, so that infinite values come into the outer bars.
    private static int GetBar(double place) => Math.Clamp((int)place, 0, ColumnDistributions.MaximumBars - 1);
}
