namespace Mlops.Serving;

/// <summary>A token that is cancelled at a deadline, or with the token of a caller. Reused until it was cancelled, so that a deadline allocates nothing.</summary>
/// <remarks>One number says whether it is in use and for the how-manieth time: a timer that comes late must not end the call after the one it was set for.</remarks>
internal sealed class DeadlineSource : IDisposable
{
    private const long Cancelled = -1;

    private readonly CancellationTokenSource _cancellation = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private CancellationTokenRegistration _caller;
    private long _due;
    private long _state;

    public DeadlineSource(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateDetachedTimer(static state => ((DeadlineSource)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _cancellation.Token;

    /// <summary>Begins a use.</summary>
    public void Begin(DateTimeOffset deadline, CancellationToken caller)
    {
        Volatile.Write(ref _due, deadline.UtcTicks);
        Volatile.Write(ref _state, _state + 1);
        SetTimer(deadline.UtcTicks - _time.GetUtcNow().UtcTicks);
        _caller = caller.UnsafeRegister(static state => ((DeadlineSource)state!).TryCancel(Volatile.Read(ref ((DeadlineSource)state!)._state)), this);
    }

    /// <summary>Ends the use.</summary>
    /// <returns>Whether it can be used again: it was not cancelled.</returns>
    public bool TryEnd()
    {
        _caller.Dispose();
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var state = Volatile.Read(ref _state);
        return state != Cancelled && Interlocked.CompareExchange(ref _state, state + 1, state) == state;
    }

    /// <summary>Gives up the timer. The token stays readable: whoever cancels it may be about to.</summary>
    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state == Cancelled || (state & 1) == 0) return;
            var left = Volatile.Read(ref _due) - _time.GetUtcNow().UtcTicks;
            if (left <= 0)
            {
                TryCancel(state);
                return;
            }

            // The next use may have begun and set the timer for itself in between: what was set for the one before is too late for it.
            SetTimer(left);
            if (Volatile.Read(ref _state) == state) return;
        }
    }

    private void TryCancel(long state)
    {
        if (state == Cancelled || (state & 1) == 0 || Interlocked.CompareExchange(ref _state, Cancelled, state) != state) return;
        try
        {
            _cancellation.Cancel();
        }
        catch (AggregateException)
        {
            // What a model does when its token is cancelled may throw, which on the thread of a timer would end the process.
        }
    }

    /// <summary>Timers count whole milliseconds, up to some weeks: one that comes too early is set again.</summary>
    private void SetTimer(long ticks)
        => _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling((double)ticks / TimeSpan.TicksPerMillisecond), 0, int.MaxValue)), Timeout.InfiniteTimeSpan);
}
