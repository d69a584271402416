namespace Mlops.Tracking;

/// <summary>One thing that waits to be delivered: a batch of metrics, or changes of a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Batch">The metrics, with the number that they are known by; <see langword="null"/> for changes.</param>
/// <param name="Changes">The changes; <see langword="null"/> for metrics.</param>
internal sealed record SpoolRecord(string RunId, MetricBatch? Batch, RunChanges? Changes)
{
    public static SpoolRecord Of(MetricBatch batch) => new(batch.RunId, batch, null);

    public static SpoolRecord Of(string runId, RunChanges changes) => new(runId, null, changes);
}
