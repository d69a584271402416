using System.Diagnostics;

namespace Mlops.Onnx;

/// <summary>The shortest times of both evaluators, for one row and for a batch, and when measuring may end.</summary>
/// <remarks>Code that has just been loaded is not optimised: the runtime compiles it again in the background, when it has been called some times and nothing new was for a tenth of a second, and once more with what it has learned.
/// So it is measured until nothing becomes faster any more.</remarks>
internal sealed class EvaluatorTimes
{
    /// <summary>By how much a time must be shorter to tell that code was compiled again, and not only that the machine was less busy.</summary>
    private const double Faster = 0.95;

    /// <summary>How much slower an evaluator may be for one of both sizes that is chosen because it is faster for the other.</summary>
    private const double SlowerAtMost = 1.25;

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(200);

    private readonly long[] _best = [long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue];
    private readonly double[] _settled = [double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue];
    private TimeSpan _changedAt;

    /// <summary>After what time measuring ends in any case.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Adds the time of a call.</summary>
    /// <param name="isManaged">Of which evaluator.</param>
    /// <param name="isBatch">Of which size.</param>
    /// <param name="ticks">How long it took, in ticks of <see cref="Stopwatch"/>.</param>
    public void Add(bool isManaged, bool isBatch, long ticks)
    {
        ref var best = ref _best[(isBatch ? 2 : 0) + (isManaged ? 1 : 0)];
        best = Math.Min(best, Math.Max(1, ticks));
    }

    /// <summary>Ends a round of calls.</summary>
    /// <param name="elapsed">The time since the first one began.</param>
    /// <returns>Whether no other round is needed.</returns>
    public bool EndRound(TimeSpan elapsed)
    {
        for (var i = 0; i < _best.Length; i++)
        {
            if (_best[i] >= _settled[i] * Faster) continue;
            (_settled[i], _changedAt) = (_best[i], elapsed);
        }

        return elapsed >= Longest || (elapsed >= s_least && elapsed - _changedAt >= s_quiet);
    }

    /// <summary>Chooses the evaluator: the managed one where it is faster on the whole, and not much slower for one of both sizes.</summary>
    public OnnxEvaluatorChoice Choose()
    {
        // One figure for both sizes: the ratios, multiplied, so that neither of them counts more for being longer.
        var (row, batch) = ((double)_best[1] / _best[0], (double)_best[3] / _best[2]);
        var isManaged = row * batch < 1 && Math.Max(row, batch) <= SlowerAtMost;
        var reason = isManaged || row * batch >= 1 ? "it is faster" : $"the managed evaluator is much slower for {(row > batch ? "one row" : "a batch")}";
        return new OnnxEvaluatorChoice(isManaged ? OnnxEvaluator.Managed : OnnxEvaluator.Runtime, reason)
        {
            RuntimeRowDuration = Of(0),
            ManagedRowDuration = Of(1),
            RuntimeBatchDuration = Of(2),
            ManagedBatchDuration = Of(3),
        };
    }

    private TimeSpan Of(int place) => Stopwatch.GetElapsedTime(0, _best[place]);
}
