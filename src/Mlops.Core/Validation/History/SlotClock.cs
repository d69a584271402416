namespace Mlops.Validation;

/// <summary>Tells how many slots of equal length lie between runs.</summary>
internal sealed class SlotClock
{
    private readonly TimeSpan? _spacing;
    private DateTimeOffset? _slotStart;

    public SlotClock(SeasonalRule rule, IReadOnlyList<MetricPoint> points)
    {
        if (rule.CountRuns) return;
        _spacing = rule.Spacing ?? Infer(points.Take(rule.Period + 1).ToArray());
    }

    /// <summary>Goes on to a run.</summary>
    /// <returns>The slots from that of the run before to that of this one; 0 when they share one, 1 for the first run.</returns>
    public long Advance(DateTimeOffset at)
    {
        // From the first run of the slot, so that many short distances add up.
        var slots = _slotStart is { } start && _spacing is { } spacing ? (long)Math.Round((at - start) / spacing, MidpointRounding.AwayFromZero) : 1;
        if (slots > 0) _slotStart = at;
        return slots;
    }

    private static TimeSpan? Infer(MetricPoint[] points)
    {
        if (points.Length < 2) return null;
        var distances = new TimeSpan[points.Length - 1];
        for (var i = 0; i < distances.Length; i++) distances[i] = points[i + 1].At - points[i].At;
        Array.Sort(distances);
        return distances[(distances.Length - 1) / 2];
    }
}
