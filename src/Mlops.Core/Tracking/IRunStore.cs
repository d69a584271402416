namespace Mlops.Tracking;

/// <summary>Keeps runs: their state, params, tags and inputs. Metrics go through an <see cref="IMetricAppender"/>.</summary>
/// <remarks>Safe for concurrent use, also by several processes where the store is shared. What it returns never changes under a later write. Runs that have ended reject writes.</remarks>
public interface IRunStore
{
    /// <summary>Creates a run in the state <see cref="RunStatus.Running"/>.</summary>
    /// <param name="run">The run; its identifier is the caller's.</param>
    /// <param name="owner">The process that holds the run.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the run is durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such experiment.</exception>
    Task CreateRunAsync(RunSnapshot run, RunOwner owner, CancellationToken cancellationToken = default);

    /// <summary>Adds params, tags and inputs to a run, all or none.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="changes">What to add.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the changes are durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    /// <exception cref="EntityConflictException">A param has another value already.</exception>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    Task UpdateRunAsync(string runId, RunChanges changes, CancellationToken cancellationToken = default);

    /// <summary>Ends a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="endTime">When it ended.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the end is durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    /// <exception cref="RunFinishedException">The run had ended before.</exception>
    Task EndRunAsync(string runId, RunStatus status, DateTimeOffset endTime, CancellationToken cancellationToken = default);

    /// <summary>Finds a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run as it is now, or <see langword="null"/>.</returns>
    Task<RunSnapshot?> FindRunAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Finds runs.</summary>
    /// <param name="query">Which runs, in which order.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The runs as they are now.</returns>
    IAsyncEnumerable<RunSnapshot> SearchRunsAsync(RunQuery query, CancellationToken cancellationToken = default);
}
