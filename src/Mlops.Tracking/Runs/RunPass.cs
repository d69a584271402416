namespace Mlops.Tracking;

/// <summary>What the background writer has taken from one run and what is not durable yet. Not safe for concurrent use.</summary>
internal sealed class RunPass
{
    private readonly Queue<(RunChanges Changes, int Count, long Bytes)> _updates = [];

    public List<MetricBatch> Batches { get; } = [];

    /// <summary>Gets the segments of which everything is taken.</summary>
    public List<MetricSegment> Segments { get; } = [];

    public RunEntries Changes { get; private set; } = new();

    /// <summary>Gets those who wait until this is durable.</summary>
    public List<TaskCompletionSource> Waiters { get; } = [];

    /// <summary>Gets or sets how the run is to end, asked for before this was taken.</summary>
    public RunEnding? Ending { get; set; }

    /// <summary>Gets the end that the store was asked for and that it may have made; <see langword="null"/> when there is none.</summary>
    public RunEnd? AskedEnd => _updates.LastOrDefault().Changes?.End;

    /// <summary>Gets how many entries of params, tags and inputs there are.</summary>
    public int ChangeCount => Changes.Count + _updates.Sum(update => update.Count);

    /// <summary>Gets about how many bytes they take.</summary>
    public long ChangeBytes => Changes.Bytes + _updates.Sum(update => update.Bytes);

    public int EntryCount => ChangeCount + Batches.Sum(batch => batch.Metrics.Length);

    public bool IsEmpty => Batches.Count == 0 && !HasChanges && Ending is null && Waiters.Count == 0 && Segments.Count == 0;

    public bool HasChanges => Changes.Count > 0 || _updates.Count > 0;

    /// <summary>Takes the changes that were logged; gives back an empty list for the next ones.</summary>
    /// <returns>The list, and how many of the entries have become one with others.</returns>
    public (RunEntries Empty, int Merged) Exchange(RunEntries logged)
    {
        if (logged.Count == 0) return (logged, 0);
        if (Changes.Count == 0)
        {
            (Changes, logged) = (logged, Changes);
            return (logged, 0);
        }

        var count = Changes.Count + logged.Count;
        Changes.AddRange(logged);
        logged.Clear();
        return (logged, count - Changes.Count);
    }

    /// <summary>Makes the updates that the store is asked for, in order. What it was asked for before, and may have made, it is asked for again, unchanged and under the same number.</summary>
    /// <param name="ending">How the run is to end; <see langword="null"/> when it goes on.</param>
    /// <param name="sign">Gives an update its number.</param>
    public IReadOnlyList<RunChanges> MakeUpdates(RunEnding? ending, Func<RunChanges, RunChanges> sign)
    {
        if (AskedEnd is { } asked)
        {
            if (ending is not null && Changes.Count == 0 && ending.End.Status == asked.Status)
            {
                ending.End = asked;
                ending = null;
            }
            else
            {
                // It was taken back. Where the store has made it nevertheless, it says so to what follows.
                for (var i = _updates.Count; i > 0; i--)
                {
                    var update = _updates.Dequeue();
                    _updates.Enqueue(update with { Changes = update.Changes with { End = null } });
                }
            }
        }

        if (Changes.Count > 0 || ending is not null)
        {
            var (count, bytes) = (Changes.Count, Changes.Bytes);
            // Has no place in the buffer, which may be full.
            if (ending?.Reason is { } reason) Changes.Tags.Add(KeyValuePair.Create<string, string?>(RunTags.Error, reason));
            _updates.Enqueue((sign(Changes.ToChanges(ending?.End)), count, bytes));
            Changes.Clear();
        }

        return [.. _updates.Select(update => update.Changes)];
    }

    /// <summary>Forgets the oldest update, because it is durable.</summary>
    /// <returns>How many entries it had, and about how many bytes they took.</returns>
    public (int Count, long Bytes) ForgetUpdate()
    {
        var (_, count, bytes) = _updates.Dequeue();
        return (count, bytes);
    }

    /// <summary>Forgets all changes.</summary>
    public void ForgetChanges()
    {
        Changes.Clear();
        _updates.Clear();
    }
}
