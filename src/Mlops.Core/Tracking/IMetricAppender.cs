namespace Mlops.Tracking;

/// <summary>Appends metrics to runs, and reads their series. Each backend has its own, because bulk paths differ.</summary>
/// <remarks>
/// Safe for concurrent use. What a batch points to is the caller's, who may use the memory again when the task has completed; an appender copies what it keeps. Exactly once: a batch is known by its run, writer and sequence; a writer counts upwards, and a batch whose number is not higher than the last one appended of the same run and writer was appended before, so that it does nothing. What one call appends is durable as a whole or not at all.
/// </remarks>
public interface IMetricAppender
{
    /// <summary>Appends batches, of one run or of several; all or none.</summary>
    /// <param name="batches">The batches; those of one writer in the order of their sequence, in one call and from call to call. Numbers may be left out.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the batches are durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    /// <exception cref="EntityConflictException">A run is deleted, or belongs to another handle than the <see cref="MetricBatch.Holder"/>.</exception>
    /// <exception cref="RunFinishedException">A run has ended other than as <see cref="RunStatus.Killed"/>, and its batch was not appended before.</exception>
    /// <exception cref="StorageException">The store could not be written; appending the same batches again is safe.</exception>
    Task AppendAsync(IReadOnlyList<MetricBatch> batches, CancellationToken cancellationToken = default);

    /// <summary>Reads the series of a metric, page by page.</summary>
    /// <param name="query">Which metric of which run, and which part of it.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The measurements, by step, then timestamp, then value; exact duplicates once. Empty when there is no such run or metric.</returns>
    Task<Page<Metric>> ReadAsync(MetricQuery query, CancellationToken cancellationToken = default);

    /// <summary>Reads a part of the series of a metric that is spread evenly over it, to be plotted.</summary>
    /// <param name="query">Which metric of which run, and which part of it; the size and token of pages do not matter.</param>
    /// <param name="points">The largest number of measurements to return, ≥ 2.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>
    /// The measurements, ordered as by <see cref="ReadAsync"/>: all of them when there are no more than <paramref name="points"/>, else a selection that holds the first and the last one
    /// and is spread evenly over the steps between them, or over the timestamps where all have one step. What lies between is not looked at: a spike of a few steps may be missing.
    /// </returns>
    Task<IReadOnlyList<Metric>> SampleAsync(MetricQuery query, int points, CancellationToken cancellationToken = default);
}
