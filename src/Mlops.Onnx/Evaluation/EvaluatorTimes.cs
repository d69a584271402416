namespace Mlops.Onnx;

/// <summary>The shortest times of both evaluators, for one row and for a batch, and when measuring may end.</summary>
/// <remarks>Code that has just been loaded is not optimised: the runtime compiles it again in the background, when it has been called some times and nothing new was for a tenth of a second, and once more with what it has learned.
/// So it is measured until nothing becomes faster any more.</remarks>
internal sealed class EvaluatorTimes
{
    /// <summary>How much slower an evaluator may be for one of both sizes that is chosen because it is faster for the other.</summary>
    private const double SlowerAtMost = 1.25;

    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(200);

    private TimeSpan _changedAt;

    /// <summary>After what time measuring ends in any case.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromSeconds(1);

    public ShortestTime RuntimeRow { get; } = new();

    public ShortestTime ManagedRow { get; } = new();

    public ShortestTime RuntimeBatch { get; } = new();

    public ShortestTime ManagedBatch { get; } = new();

    /// <summary>Ends a round of calls.</summary>
    /// <param name="elapsed">The time since the first one began.</param>
    /// <returns>Whether no other round is needed.</returns>
    public bool EndRound(TimeSpan elapsed)
    {
        if (RuntimeRow.TakeImprovement() | ManagedRow.TakeImprovement() | RuntimeBatch.TakeImprovement() | ManagedBatch.TakeImprovement()) _changedAt = elapsed;
        return elapsed >= Longest || (elapsed >= s_least && elapsed - _changedAt >= s_quiet);
    }

    /// <summary>Chooses the evaluator: the managed one where it is faster on the whole, and not much slower for one of both sizes.</summary>
    public OnnxEvaluatorChoice Choose()
    {
        // One figure for both sizes: the ratios, multiplied, so that neither of them counts more for being longer.
        var (row, batch) = (ManagedRow.RelativeTo(RuntimeRow), ManagedBatch.RelativeTo(RuntimeBatch));
        var isManaged = row * batch < 1 && Math.Max(row, batch) <= SlowerAtMost;
        var reason = isManaged || row * batch >= 1 ? "it is faster" : $"the managed evaluator is much slower for {(row > batch ? "one row" : "a batch")}";
        return new OnnxEvaluatorChoice(isManaged ? OnnxEvaluator.Managed : OnnxEvaluator.Runtime, reason)
        {
            RuntimeRowDuration = RuntimeRow.Duration,
            ManagedRowDuration = ManagedRow.Duration,
            RuntimeBatchDuration = RuntimeBatch.Duration,
            ManagedBatchDuration = ManagedBatch.Duration,
        };
    }
}
