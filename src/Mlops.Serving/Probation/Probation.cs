using System.Globalization;

namespace Mlops.Serving;

/// <summary>Watches a generation that has just begun to serve, while the one before it is kept.</summary>
/// <remarks>Judged by a timer, and whenever a count has doubled: the test may be asked as often as one likes.</remarks>
internal sealed class Probation : IThreadPoolWorkItem, IDisposable
{
    private const int LooksOfTimer = 20;

    private static readonly TimeSpan s_shortestPeriod = TimeSpan.FromMilliseconds(1);

    private readonly ProbationOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<ModelGeneration, int> _countHanging;
    private readonly Action<Probation, ProbationVerdict> _onEnded;
    private readonly TimeSpan? _limit;
    private readonly long _started;
    private ITimer? _timer;
    private int _hasEnded;

    /// <summary>Creates a probation that has not begun.</summary>
    /// <param name="fallback">The generation to switch back to.</param>
    /// <param name="generation">The generation on probation.</param>
    /// <param name="baseline">What the fallback took at the quantile that is guarded; <see langword="null"/> when not known.</param>
    /// <param name="options">What it must not do.</param>
    /// <param name="time">The clock.</param>
    /// <param name="countHanging">Counts the calls of a generation that hang: they fail without an end.</param>
    /// <param name="onEnded">Is told the verdict, once.</param>
    public Probation(
        ModelGeneration fallback,
        ModelGeneration generation,
        TimeSpan? baseline,
        ProbationOptions options,
        TimeProvider time,
        Func<ModelGeneration, int> countHanging,
        Action<Probation, ProbationVerdict> onEnded)
    {
        (Fallback, Generation, _options, _time, _countHanging, _onEnded) = (fallback, generation, options, time, countHanging, onEnded);
        _limit = options.MaxLatency;
        if (baseline is { } before && options.MaxSlowdown is { } slowdown && before.Ticks * slowdown is var ticks && ticks < (_limit ?? TimeSpan.MaxValue).Ticks) _limit = TimeSpan.FromTicks((long)ticks);
        Meter = new GenerationMeter(this, _limit);
        _started = time.GetTimestamp();
    }

    public ModelGeneration Fallback { get; }

    public ModelGeneration Generation { get; }

    public GenerationMeter Meter { get; }

    /// <summary>The risk that each of the two guards and the bound of the baseline may take of that of all.</summary>
    public static double RiskOf(ProbationOptions options) => options.FalseRollbackRatio / 3;

    public void Begin()
    {
        var period = _options.Duration / LooksOfTimer;

        // Of less, a timer would look once.
        if (period < s_shortestPeriod) period = s_shortestPeriod;
        _timer = _time.CreateDetachedTimer(static state => ((Probation)state!).Execute(), this, period, period);
        if (Volatile.Read(ref _hasEnded) != 0) _timer.Dispose();
    }

    /// <summary>Judges.</summary>
    public void Execute()
    {
        if (Volatile.Read(ref _hasEnded) != 0 || Judge() is not { } verdict || Interlocked.Exchange(ref _hasEnded, 1) != 0) return;
        try
        {
            _onEnded(this, verdict);
        }
        catch (Exception)
        {
            // A listener that throws must not end the process, which an exception on the thread of a timer, or of the pool, does.
        }
    }

    /// <summary>Ends it without a verdict.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _hasEnded, 1);
        _timer?.Dispose();
    }

    private ProbationVerdict? Judge()
    {
        var counts = Meter.Count();
        var hanging = _countHanging(Generation);
        var (calls, failures) = (counts.Calls + hanging, counts.Failures + hanging);
        var risk = RiskOf(_options);
        if (SequentialRatioTest.IsExceeded(failures, calls, _options.MaxErrorRatio, risk))
        {
            return new ProbationVerdict("error_ratio", string.Create(
                CultureInfo.InvariantCulture,
                $"{Failed(failures, calls)}, at most {_options.MaxErrorRatio:0.####} of them may"));
        }

        if (_limit is { } limit && SequentialRatioTest.IsExceeded(counts.Slow, counts.Timed, 1 - _options.LatencyQuantile, risk))
        {
            return new ProbationVerdict("latency", string.Create(
                CultureInfo.InvariantCulture,
                $"{counts.Slow:N0} of {Wording.Count(counts.Timed, "timed prediction")} took longer than {limit.TotalMilliseconds:0.####} ms, at most {1 - _options.LatencyQuantile:0.####} of them may"));
        }

        var elapsed = _time.GetElapsedTime(_started);
        var isOver = elapsed >= _options.MaxDuration || (elapsed >= _options.Duration && calls >= _options.MinPredictions);
        return isOver ? new ProbationVerdict(null, Failed(failures, calls)) : null;
    }

    private static string Failed(long failures, long calls)
        => $"{Wording.Count(failures)} of {Wording.Count(calls, "prediction")} failed";
}
