namespace Mlops.Tracking;

/// <summary>Gathers the measurements of a write: ordered as the tables are, each once, and of each metric the latest. Not safe for concurrent use.</summary>
internal sealed class MetricRows(int capacity)
{
    private MetricRow[] _rows = new MetricRow[capacity];
    private int _count;

    public ReadOnlyMemory<MetricRow> Rows => _rows.AsMemory(0, _count);

    public void Add(in Metric metric, long run, long name)
    {
        if (_count == _rows.Length) Array.Resize(ref _rows, Math.Max(16, 2 * _count));
        var isNaN = double.IsNaN(metric.Value);
        // Adding 0 turns −0 into 0, which compares equal and must not be kept beside it.
        _rows[_count++] = new MetricRow(run, name, metric.Step, metric.Timestamp.ToUnixTimeMilliseconds(), isNaN ? 0 : metric.Value + 0.0, isNaN);
    }

    /// <summary>Orders the rows and removes duplicates.</summary>
    /// <returns>The latest row of each metric, by run and metric.</returns>
    public ReadOnlyMemory<MetricRow> Order()
    {
        var rows = _rows.AsSpan(0, _count);
        if (!IsOrdered(rows)) rows.Sort(static (a, b) => Compare(a, b));
        var latest = new List<MetricRow>();
        var kept = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var isSameMetric = kept > 0 && rows[kept - 1].Run == rows[i].Run && rows[kept - 1].Name == rows[i].Name;
            if (isSameMetric && Compare(rows[kept - 1], rows[i]) == 0) continue;
            rows[kept++] = rows[i];
            // Ordered, so the last of each metric is its latest.
            if (isSameMetric) latest[^1] = rows[i];
            else latest.Add(rows[i]);
        }

        _count = kept;
        return latest.ToArray();
    }

    private static bool IsOrdered(ReadOnlySpan<MetricRow> rows)
    {
        for (var i = 1; i < rows.Length; i++)
        {
            if (Compare(rows[i - 1], rows[i]) > 0) return false;
        }

        return true;
    }

    private static int Compare(in MetricRow a, in MetricRow b)
    {
        if (a.Run != b.Run) return a.Run < b.Run ? -1 : 1;
        if (a.Name != b.Name) return a.Name < b.Name ? -1 : 1;
        if (a.Step != b.Step) return a.Step < b.Step ? -1 : 1;
        if (a.Timestamp != b.Timestamp) return a.Timestamp < b.Timestamp ? -1 : 1;
        if (a.Value != b.Value) return a.Value < b.Value ? -1 : 1;
        return a.IsNaN.CompareTo(b.IsNaN);
    }
}
