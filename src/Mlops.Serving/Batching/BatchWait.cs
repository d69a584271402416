namespace Mlops.Serving;

/// <summary>Decides whether a free worker waits for more rows, where there is a latency objective.</summary>
/// <remarks>
/// <para>Let n rows wait, rows arrive at the rate r, and a batch take a·n + b. Beginning now, the worker answers n rows in a·n + b; waiting for w first, n + r·w rows in
/// w + a·(n + r·w) + b. The second rate is the higher one exactly when r·b > n, whatever w: it pays to wait while fewer rows wait than arrive in the fixed time of a batch.
/// So the target is n* = r·b rows, at most a full batch. Where callers come and go independently, rows that gather behind a busy worker already exceed it
/// (n = r·b / (1 − r·a)), and nothing ever waits; it pays where callers wait for their answers before they ask again, and would otherwise fall into cohorts that take turns.</para>
/// <para>The wait ends as soon as the target is there; a timer ends it at the latest when the expected time has passed twice, or of the time that the oldest row has left half (timers count whole milliseconds, one at least).</para>
/// <para>Believed only while it holds: the gain that the waits of the past in fact made is averaged, and where it is below 5 %, only every 2, 4, … 1,024th chance is taken, to see whether that has changed.</para>
/// <para>Not safe for concurrent use.</para>
/// </remarks>
/// <param name="objectiveSeconds">How long a prediction may take.</param>
/// <param name="workers">Among how many workers the rows that arrive are shared.</param>
internal sealed class BatchWait(double objectiveSeconds, int workers)
{
    private const double RateMemorySeconds = 1;
    private const double RequiredGain = 1.05;
    private const int MaxSkips = 1024;

    private double _rate;
    private double _lastArrival = double.NegativeInfinity;
    private double _gain = 2;
    private int _skips;
    private int _skipped;
    private double _startedAt;
    private int _startRows;

    /// <summary>Gets how many rows the present wait is for; 0 when there is none.</summary>
    public int Target { get; private set; }

    /// <summary>Gets the average gain in throughput of the waits so far: 1 is none.</summary>
    public double Gain => _gain;

    public void OnArrived(int rows, double now)
    {
        var fading = Math.Exp(-(now - _lastArrival) / RateMemorySeconds);
        _rate = (_rate * fading) + (rows / RateMemorySeconds);
        _lastArrival = now;
    }

    /// <summary>For how many rows it pays to wait.</summary>
    public int TargetAt(double now, int limit, ServiceTimeModel service)
        => service.IsKnown ? (int)Math.Min(RateAt(now) * service.BatchSeconds, limit) : 0;

    /// <summary>Begins to wait, if that pays.</summary>
    /// <param name="rows">How many rows wait, ≥ 1.</param>
    /// <param name="oldest">When the oldest of them arrived, in seconds.</param>
    /// <param name="now">The present time, in seconds.</param>
    /// <param name="limit">How many rows a batch has at most.</param>
    /// <param name="service">How long batches take.</param>
    /// <returns>How long to wait at most, in seconds; 0 when not to wait.</returns>
    public double Begin(int rows, double oldest, double now, int limit, ServiceTimeModel service)
    {
        var target = TargetAt(now, limit, service);
        if (target <= rows) return 0;
        var seconds = Math.Min(2 * (target - rows) / RateAt(now), (objectiveSeconds - (now - oldest) - service.Predict(target)) / 2);
        if (seconds <= 0) return 0;
        if (_gain < RequiredGain && _skipped++ < _skips) return 0;
        (Target, _startedAt, _startRows, _skipped) = (target, now, rows, 0);
        return seconds;
    }

    /// <summary>Ends the wait, and learns what it was good for.</summary>
    public void End(int rows, double now, int limit, ServiceTimeModel service)
    {
        Target = 0;
        rows = Math.Min(rows, limit);
        // All may have been cancelled.
        if (rows == 0) return;
        var before = _startRows / service.Predict(_startRows);
        var after = rows / (now - _startedAt + service.Predict(rows));
        _gain += 0.1 * ((after / before) - _gain);
        _skips = _gain >= RequiredGain ? 0 : Math.Clamp(_skips * 2, 2, MaxSkips);
    }

    /// <summary>The rows that arrive in a second for each worker.</summary>
    private double RateAt(double now) => _rate * Math.Exp(-(now - _lastArrival) / RateMemorySeconds) / workers;
}
