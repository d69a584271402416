using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What rules for bins need to know of a sample's finite values. The range, the deviation and the interquartile range are in a unit of their own, in which they do not overflow.</summary>
internal readonly record struct BinningSample(long Count, double Minimum, double Maximum, double Range, double Deviation, double Skewness, double InterquartileRange)
{
    public static BinningSample From(ReadOnlySpan<double> sorted)
    {
        var finite = TrimInfinite(sorted);
        if (finite.IsEmpty) return default;
        var scale = Math.Max(Math.Abs(finite[0]), Math.Abs(finite[^1]));
        if (scale is > 1e-100 and < 1e100 || scale == 0) scale = 1;
        double sum = 0;
        foreach (var value in finite) sum += value / scale;
        var mean = sum / finite.Length;
        // What rounding left of the mean is taken off, so that a large offset keeps its digits.
        double rest = 0;
        foreach (var value in finite) rest += (value / scale) - mean;
        mean += rest / finite.Length;
        double squares = 0, cubes = 0;
        foreach (var value in finite)
        {
            var deviation = (value / scale) - mean;
            squares += deviation * deviation;
            cubes += deviation * deviation * deviation;
        }

        var variance = squares / finite.Length;
        return new BinningSample(
            finite.Length, finite[0], finite[^1], (finite[^1] / scale) - (finite[0] / scale), Math.Sqrt(variance), variance > 0 ? cubes / finite.Length / Math.Pow(variance, 1.5) : 0,
            GetQuantile(finite, 0.75, scale) - GetQuantile(finite, 0.25, scale));
    }

    public static BinningSample From(KllSketch quantiles, (double Value, long Weight)[] items, MomentsSketch? moments)
    {
        var first = Array.FindIndex(items, item => double.IsFinite(item.Value));
        if (first < 0) return default;
        var last = Array.FindLastIndex(items, item => double.IsFinite(item.Value));
        // The extremes of the sketch are exact, but may be infinite.
        var minimum = double.IsFinite(quantiles.Minimum) ? quantiles.Minimum : items[first].Value;
        var maximum = double.IsFinite(quantiles.Maximum) ? quantiles.Maximum : items[last].Value;
        var scale = Math.Max(Math.Abs(minimum), Math.Abs(maximum)) is > 1e300 and var largest ? largest : 1;
        return new BinningSample(
            quantiles.Count, minimum, maximum, (maximum / scale) - (minimum / scale), (moments?.StandardDeviation ?? 0) / scale, moments?.Skewness ?? 0,
            (quantiles.GetQuantile(0.75) / scale) - (quantiles.GetQuantile(0.25) / scale));
    }

    public static (double Minimum, double Maximum) GetFiniteRange(ReadOnlySpan<double> values)
    {
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        foreach (var value in values)
        {
            if (!double.IsFinite(value)) continue;
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
        }

        return (minimum, maximum);
    }

    private static ReadOnlySpan<double> TrimInfinite(ReadOnlySpan<double> sorted)
    {
        int first = 0, end = sorted.Length;
        while (first < end && double.IsInfinity(sorted[first])) first++;
        while (first < end && double.IsInfinity(sorted[end - 1])) end--;
        return sorted[first..end];
    }

    private static double GetQuantile(ReadOnlySpan<double> sorted, double share, double scale)
    {
        var position = share * (sorted.Length - 1);
        var index = (int)position;
        var value = sorted[index] / scale;
        return index + 1 < sorted.Length ? value + ((position - index) * ((sorted[index + 1] / scale) - value)) : value;
    }
}
