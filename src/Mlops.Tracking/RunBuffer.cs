namespace Mlops.Tracking;

/// <summary>What was logged to a run and is written in one pass. Not safe for concurrent use.</summary>
internal sealed class RunBuffer
{
    private Metric[] _metrics = [];
    private int _metricCount;
    private int _writtenMetrics;

    public string? Name { get; set; }

    public List<Param> Params { get; } = [];

    public List<KeyValuePair<string, string>> Tags { get; } = [];

    public List<DatasetInput> Inputs { get; } = [];

    /// <summary>Gets or sets the number of the last entry in it, counted from the run's beginning.</summary>
    public long LastEntry { get; set; }

    public int ChangeCount => (Name is null ? 0 : 1) + Params.Count + Tags.Count + Inputs.Count;

    public int Count => ChangeCount + _metricCount;

    public void Add(Metric metric)
    {
        if (_metricCount == _metrics.Length) Array.Resize(ref _metrics, Math.Max(64, 2 * _metricCount));
        _metrics[_metricCount++] = metric;
    }

    public RunChanges TakeChanges() => new() { Name = Name, Params = [.. Params], Tags = [.. Tags], Inputs = [.. Inputs] };

    public void ForgetChanges()
    {
        Name = null;
        Params.Clear();
        Tags.Clear();
        Inputs.Clear();
    }

    public ReadOnlyMemory<Metric> NextMetrics(int limit) => _metrics.AsMemory(_writtenMetrics, Math.Min(limit, _metricCount - _writtenMetrics));

    public void ForgetMetrics(int count) => _writtenMetrics += count;

    public void Clear()
    {
        ForgetChanges();
        (_metricCount, _writtenMetrics) = (0, 0);
    }
}
