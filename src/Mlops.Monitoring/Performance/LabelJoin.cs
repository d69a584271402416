namespace Mlops.Monitoring;

/// <summary>Finds the prediction that a label belongs to, among those that a ring remembers. Not safe for concurrent use.</summary>
internal sealed class LabelJoin(PredictionRing ring)
{
    private readonly Dictionary<Key, long> _sequences = [];
    private LabelCounts _counts;

    public LabelCounts Counts => _counts;

    public void Add(Guid id, int row, long sequence) => _sequences[new Key(id, row)] = sequence;

    /// <summary>Forgets a prediction, unless a later one took its identifier.</summary>
    public void Remove(Guid id, int row, long sequence)
    {
        var key = new Key(id, row);
        if (_sequences.TryGetValue(key, out var known) && known == sequence) _sequences.Remove(key);
    }

    public LabelOutcome Record(Guid id, int row, double value, DateTimeOffset at, TimeSpan window)
    {
        var outcome = Join(id, row, value, at, window);
        _counts = outcome switch
        {
            LabelOutcome.Joined => _counts with { Joined = _counts.Joined + 1 },
            LabelOutcome.Duplicate => _counts with { Duplicate = _counts.Duplicate + 1 },
            LabelOutcome.Late => _counts with { Late = _counts.Late + 1 },
            LabelOutcome.Unknown => _counts with { Unknown = _counts.Unknown + 1 },
            _ => _counts with { Invalid = _counts.Invalid + 1 },
        };
        return outcome;
    }

    private LabelOutcome Join(Guid id, int row, double value, DateTimeOffset at, TimeSpan window)
    {
        if (!double.IsFinite(value)) return LabelOutcome.Invalid;
        if (!_sequences.TryGetValue(new Key(id, row), out var sequence)) return LabelOutcome.Unknown;
        ref var label = ref ring.LabelOf(sequence);
        if (!double.IsNaN(label)) return LabelOutcome.Duplicate;
        if (at.UtcTicks - ring.TicksOf(sequence) > window.Ticks) return LabelOutcome.Late;
        label = value;
        return LabelOutcome.Joined;
    }

    private readonly record struct Key(Guid Id, int Row);
}
