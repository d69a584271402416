namespace Quickstart;

/// <summary>A clock that shows the day of the replay.</summary>
internal sealed class ReplayClock(DateOnly start) : TimeProvider
{
    private long _ticks = At(start).UtcTicks;

    public static DateTimeOffset At(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    public DateOnly Today
    {
        get => DateOnly.FromDateTime(GetUtcNow().UtcDateTime);
        set => Interlocked.Exchange(ref _ticks, At(value).UtcTicks);
    }

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);
}
