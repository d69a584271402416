namespace Mlops.Tracking;

/// <summary>Metrics of one run that are written together.</summary>
/// <param name="RunId">The run.</param>
/// <param name="WriterId">Who writes: one handle of the run.</param>
/// <param name="Sequence">The number of the batch, counted by its writer from 1, higher than those of the batches that it appended before.</param>
/// <param name="Metrics">The measurements.</param>
public sealed record MetricBatch(string RunId, string WriterId, long Sequence, ReadOnlyMemory<Metric> Metrics)
{
    /// <summary>Gets the process that measures as the one that holds the run; <see langword="null"/> for what anybody may add. While another process holds the run, the batch is refused.</summary>
    public RunOwner? Owner { get; init; }
}
