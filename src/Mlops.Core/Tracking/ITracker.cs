namespace Mlops.Tracking;

/// <summary>Starts runs and finds them again: the entry point of experiment tracking. Safe for concurrent use.</summary>
public interface ITracker
{
    /// <summary>Starts a run.</summary>
    /// <param name="experiment">The name of the experiment, which is created when it does not exist.</param>
    /// <param name="options">What the run is given.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run; dispose it.</returns>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    Task<Run> StartRunAsync(string experiment, StartRunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Reads a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run as it is now.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    Task<RunSnapshot> GetRunAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Reads the whole series of a metric.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="metric">The name of the metric.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The measurements, by step, then timestamp, then value.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    IAsyncEnumerable<Metric> GetMetricHistoryAsync(string runId, string metric, CancellationToken cancellationToken = default);

    /// <summary>Finds runs, reading page after page as they are asked for.</summary>
    /// <param name="query">Which runs, in which order; its <see cref="RunQuery.MaxResults"/> is the size of the pages.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The runs as they are now.</returns>
    /// <exception cref="EntityNotFoundException">There is no experiment of a name in the query.</exception>
    IAsyncEnumerable<RunSnapshot> SearchRunsAsync(RunQuery query, CancellationToken cancellationToken = default);
}
