namespace Mlops.Tracking;

/// <summary>Chooses the measurements of a series that are shown when there are too many: the first one, the last one, and between them what is found at evenly spread places.</summary>
internal static class MetricSampling
{
    /// <summary>Samples a series that is in memory, ordered.</summary>
    public static IReadOnlyList<Metric> Sample(IReadOnlyList<Metric> series, int points)
    {
        if (series.Count <= points) return series;
        var (first, last) = (series[0], series[^1]);
        Func<Metric, long> place = IsSpreadOverSteps(first, last) ? metric => metric.Step : metric => metric.Timestamp.ToUnixTimeMilliseconds();
        var sample = new List<Metric> { first };
        foreach (var target in Targets(place(first), place(last), points))
        {
            var found = series[FirstAtOrAfter(series, place, target)];
            if (MetricOrder.Instance.Compare(found, sample[^1]) > 0) sample.Add(found);
        }

        if (MetricOrder.Instance.Compare(last, sample[^1]) > 0) sample.Add(last);
        return sample;
    }

    public static bool IsSpreadOverSteps(Metric first, Metric last) => first.Step != last.Step;

    /// <summary>Gives the places between the first and the last one, ascending, each once, at most <c>points - 2</c>.</summary>
    public static IEnumerable<long> Targets(long first, long last, int points)
    {
        // 128 bits, because two steps may be further apart than 64 bits can say.
        var width = (Int128)last - first;
        var previous = first;
        for (var i = 1; i < points - 1; i++)
        {
            var target = (long)(first + (((width * i) + ((points - 1) / 2)) / (points - 1)));
            if (target > previous && target < last) yield return target;
            previous = target;
        }
    }

    private static int FirstAtOrAfter(IReadOnlyList<Metric> series, Func<Metric, long> place, long target)
    {
        var (low, high) = (0, series.Count - 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (place(series[middle]) >= target) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
