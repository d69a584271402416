namespace Mlops.Tracking;

/// <summary>What one thread logs to one run: a chain of segments. The first four fields are that thread's; the head is the background writer's.</summary>
internal sealed class MetricLane
{
    public const int ShortestSegment = 64;
    public const int LongestSegment = 1024;

    // No caller has this one, so the first name is always checked.
    private static readonly string s_noName = new('\0', 1);

    /// <summary>The segment that is being filled.</summary>
    public MetricSegment? Segment;

    /// <summary>Where the next measurement goes.</summary>
    public int Index;

    /// <summary>The name that was checked last: usually the same object comes again.</summary>
    public string CheckedName = s_noName;

    /// <summary>How long the next segment is: threads that log much get longer ones.</summary>
    public int NextLength = ShortestSegment;

    /// <summary>The oldest segment that is not taken completely; changed within the writer's gate.</summary>
    public MetricSegment? Head;

    /// <summary>Appends a segment, within the writer's gate.</summary>
    public void Append(MetricSegment segment)
    {
        // Where the writer has taken everything before, the last segment is no longer this lane's.
        if (Head is null) Head = segment;
        else Segment!.Next = segment;
        (Segment, Index) = (segment, 0);
        NextLength = Math.Min(LongestSegment, 4 * NextLength);
    }
}
