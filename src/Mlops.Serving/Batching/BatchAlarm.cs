namespace Mlops.Serving;

/// <summary>A timer that goes off at the earliest of the times that it was set for. Guarded by the scheduler's lock.</summary>
/// <param name="clock">The clock.</param>
/// <param name="onDue">Called without the lock; to begin with <see cref="Reset"/>.</param>
internal sealed class BatchAlarm(BatchClock clock, Action onDue) : IDisposable
{
    private ITimer? _timer;
    private long _due = long.MaxValue;

    /// <summary>Sets it for a time, unless it goes off before.</summary>
    public void Set(long due, long now)
    {
        if (due >= _due) return;
        _due = due;
        // Timers count whole milliseconds, and would come too early otherwise.
        var delay = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(Math.Min(clock.SecondsBetween(now, due) * 1000, int.MaxValue - 1))));
        if (_timer is not null)
        {
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
            return;
        }

        _timer = clock.Time.CreateDetachedTimer(static state => ((Action)state!)(), onDue, delay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Forgets what it was set for: it has gone off.</summary>
    public void Reset() => _due = long.MaxValue;

    public void Dispose() => _timer?.Dispose();
}
