namespace Mlops.Serving;

/// <summary>The time stamps of a clock, and the seconds between them.</summary>
internal sealed class BatchClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly double _frequency = time.TimestampFrequency;

    public TimeProvider Time => time;

    public long GetStamp() => time.GetTimestamp();

    /// <summary>The time stamp of a time.</summary>
    public long StampOf(DateTimeOffset utc, long now) => After(now, (utc - time.GetUtcNow()).TotalSeconds);

    /// <summary>The time stamp so many seconds later; the last one where that is too far off.</summary>
    public long After(long stamp, double seconds)
    {
        var after = stamp + (seconds * _frequency);
        return after >= long.MaxValue ? long.MaxValue : (long)after;
    }

    public double SecondsBetween(long from, long to) => (to - from) / _frequency;

    /// <summary>The seconds since this clock was made.</summary>
    public double SecondsOf(long stamp) => SecondsBetween(_start, stamp);
}
