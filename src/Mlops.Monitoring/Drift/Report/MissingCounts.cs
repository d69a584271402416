namespace Mlops.Monitoring;

/// <summary>The rows and the missing values of a column on both sides.</summary>
internal readonly record struct MissingCounts(long ReferenceRows, long ReferenceMissing, long CurrentRows, long CurrentMissing)
{
    public long ReferencePresent => ReferenceRows - ReferenceMissing;

    public long CurrentPresent => CurrentRows - CurrentMissing;

    public bool HasMissing => ReferenceMissing > 0 || CurrentMissing > 0;
}
