namespace Mlops.Tracking;

/// <summary>Metrics of one run that are written together.</summary>
/// <param name="RunId">The run.</param>
/// <param name="WriterId">Who writes: one handle of the run.</param>
/// <param name="Sequence">The number of the batch, counted by its writer from 1, higher than those of the batches that it appended before.</param>
/// <param name="Metrics">The measurements.</param>
public sealed record MetricBatch(string RunId, string WriterId, long Sequence, ReadOnlyMemory<Metric> Metrics)
{
    /// <summary>Gets the <see cref="RunLease.Holder"/> that measures; <see langword="null"/> for what anybody may add. When another one was the last that created or resumed the run, the batch is refused.</summary>
    public string? Holder { get; init; }
}
