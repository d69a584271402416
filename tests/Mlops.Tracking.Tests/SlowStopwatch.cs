namespace Mlops.Tracking.Tests;

/// <summary>A clock whose stopwatch loses a thousandth, so that its timers fire early by it.</summary>
internal sealed class SlowStopwatch(TimeProvider inner) : TimeProvider
{
    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp() / 1000 * 999;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
}
