namespace Mlops.Serving;

/// <summary>A coarse clock for calls: a timer of the host moves it, looks for calls that hang and tells recent uses from earlier ones, so that a call need not read the time.</summary>
internal sealed class HangWatch : IDisposable
{
    private static readonly TimeSpan s_longestPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_shortestPeriod = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _time;
    private readonly Action _onTick;
    private readonly Lock _lock = new();
    private readonly long _timeout;
    private readonly long _period;
    private ITimer? _timer;
    private long _now;
    private bool _isDisposed;

    /// <summary>Creates a watch that stands still.</summary>
    /// <param name="timeout">After what time a call hangs; <see cref="Timeout.InfiniteTimeSpan"/> for never. It ticks then too: models served with batching have timeouts of their own, and uses are told apart.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onTick">What is done with each tick.</param>
    public HangWatch(TimeSpan timeout, TimeProvider time, Action onTick)
    {
        _time = time;
        _onTick = onTick;
        IsEnabled = timeout != Timeout.InfiniteTimeSpan;
        Period = IsEnabled ? TimeSpan.FromTicks(Math.Clamp(timeout.Ticks / 10, s_shortestPeriod.Ticks, s_longestPeriod.Ticks)) : s_longestPeriod;
        _timeout = StampsOf(timeout);
        _period = StampsOf(Period);
        _now = StampOfNow();
    }

    public bool IsEnabled { get; }

    /// <summary>Gets how often the clock moves.</summary>
    public TimeSpan Period { get; }

    /// <summary>Gets the time stamp of the last tick; never 0.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>Begins to tick, unless it does already.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_isDisposed || _timer is not null) return;
            Tick();
            _timer = _time.CreateDetachedTimer(static state => ((HangWatch)state!).OnTimer(), this, Period, Period);
        }
    }

    /// <summary>For how long, at least, a call has been running that began with a stamp of this watch.</summary>
    public TimeSpan ElapsedSince(long stamp) => TimeSpan.FromSeconds(Math.Max(0, (double)(StampOfNow() - stamp - _period) / _time.TimestampFrequency));

    /// <summary>Whether a call hangs that began with a stamp. It may have begun up to a period after the stamp.</summary>
    public bool IsHanging(long stamp) => IsEnabled && StampOfNow() - stamp - _period >= _timeout;

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    private void OnTimer()
    {
        Tick();
        try
        {
            _onTick();
        }
        catch (Exception)
        {
            // A listener that throws must not end the process, which an exception on the thread of a timer does.
        }
    }

    private void Tick() => Volatile.Write(ref _now, StampOfNow());

    private long StampOfNow() => Math.Max(1, _time.GetTimestamp());

    private long StampsOf(TimeSpan duration) => (long)(duration.TotalSeconds * _time.TimestampFrequency);
}
