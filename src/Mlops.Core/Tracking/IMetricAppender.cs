namespace Mlops.Tracking;

/// <summary>Appends metrics to runs, and reads their series. Each backend has its own, because bulk paths differ.</summary>
/// <remarks>
/// Safe for concurrent use. Exactly once: a batch is known by its run, writer and sequence, and appending it again does nothing. A batch is durable as a whole or not at all.
/// </remarks>
public interface IMetricAppender
{
    /// <summary>Appends a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the batch is durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    /// <exception cref="RunFinishedException">The run has ended, and the batch was not appended before.</exception>
    /// <exception cref="StorageException">The store could not be written; appending the same batch again is safe.</exception>
    Task AppendAsync(MetricBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Reads the whole series of a metric.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="metric">The name of the metric.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The measurements, by step, then timestamp, then value; exact duplicates once.</returns>
    IAsyncEnumerable<Metric> ReadAsync(string runId, string metric, CancellationToken cancellationToken = default);
}
