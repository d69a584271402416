namespace Mlops.Tracking;

/// <summary>What the background writer has taken from one run and what is not durable yet. Not safe for concurrent use.</summary>
internal sealed class RunPass
{
    public List<MetricBatch> Batches { get; } = [];

    /// <summary>Gets the segments of which everything is taken.</summary>
    public List<MetricSegment> Segments { get; } = [];

    public RunEntries Changes { get; private set; } = new();

    /// <summary>Gets those who wait until this is durable.</summary>
    public List<TaskCompletionSource> Waiters { get; } = [];

    /// <summary>Gets or sets how the run is to end, asked for before this was taken.</summary>
    public RunEnding? Ending { get; set; }

    public int EntryCount => Changes.Count + Batches.Sum(batch => batch.Metrics.Length);

    public bool IsEmpty => Batches.Count == 0 && Changes.Count == 0 && Ending is null && Waiters.Count == 0 && Segments.Count == 0;

    /// <summary>Takes the changes that were logged; gives back an empty list for the next ones.</summary>
    public RunEntries Exchange(RunEntries logged)
    {
        if (logged.Count == 0) return logged;
        if (Changes.Count == 0)
        {
            (Changes, logged) = (logged, Changes);
            return logged;
        }

        Changes.AddRange(logged);
        logged.Clear();
        return logged;
    }
}
