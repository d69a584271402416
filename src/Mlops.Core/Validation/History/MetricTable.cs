namespace Mlops.Validation;

/// <summary>Values by metric and time. Not safe for concurrent use.</summary>
internal sealed class MetricTable
{
    private readonly SortedDictionary<string, SortedList<DateTimeOffset, double?>> _metrics = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, SortedList<DateTimeOffset, double?>>> Metrics => _metrics;

    public bool IsEmpty => _metrics.Count == 0;

    public DateTimeOffset? LatestAt => _metrics.Count == 0 ? null : _metrics.Values.Max(values => values.Keys[^1]);

    public SortedList<DateTimeOffset, double?>? Find(string metric) => _metrics.GetValueOrDefault(metric);

    public void Set(string metric, DateTimeOffset at, double? value)
    {
        if (!_metrics.TryGetValue(metric, out var values)) _metrics[metric] = values = [];
        values[at] = value;
    }

    public void SetAll(MetricTable other)
    {
        foreach (var (metric, values) in other._metrics)
        {
            foreach (var (at, value) in values) Set(metric, at, value);
        }
    }

    /// <summary>Takes away what another table holds, where it is still the same.</summary>
    public void RemoveAll(MetricTable other)
    {
        foreach (var (metric, values) in other._metrics)
        {
            if (!_metrics.TryGetValue(metric, out var own)) continue;
            foreach (var (at, value) in values)
            {
                if (own.TryGetValue(at, out var present) && present.Equals(value)) own.Remove(at);
            }

            if (own.Count == 0) _metrics.Remove(metric);
        }
    }

    /// <summary>Keeps the newest values of each metric.</summary>
    public void Trim(int count)
    {
        foreach (var values in _metrics.Values) Trim(values, count);
    }

    public void Trim(string metric, int count) => Trim(_metrics[metric], count);

    public MetricTable Copy()
    {
        var copy = new MetricTable();
        foreach (var (metric, values) in _metrics) copy._metrics[metric] = new SortedList<DateTimeOffset, double?>(values);
        return copy;
    }

    private static void Trim(SortedList<DateTimeOffset, double?> values, int count)
    {
        while (values.Count > count) values.RemoveAt(0);
    }
}
