namespace Mlops.Tracking;

/// <summary>Starts runs and finds them again: the entry point of experiment tracking. Safe for concurrent use.</summary>
/// <remarks>
/// The stores are given out as they are, rather than said again here member by member: experiments are created, renamed, tagged, deleted, restored and searched through
/// <see cref="Experiments"/>, runs that are not held by a handle through <see cref="Runs"/>, and series are read from <see cref="Metrics"/>.
/// What is written through <see cref="Experiments"/> and <see cref="Runs"/> has its secrets masked as what handles log has. <see cref="TrackerExtensions"/> holds what is convenient.
/// </remarks>
public interface ITracker
{
    /// <summary>Gets the experiments.</summary>
    IExperimentStore Experiments { get; }

    /// <summary>Gets the runs as they are stored: what handles have logged and not flushed yet is not in them.</summary>
    IRunStore Runs { get; }

    /// <summary>Gets the metrics as they are stored.</summary>
    IMetricAppender Metrics { get; }

    /// <summary>Starts a run.</summary>
    /// <param name="experiment">The name of the experiment, which is created when it does not exist.</param>
    /// <param name="options">What the run is given.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run; dispose it.</returns>
    /// <exception cref="EntityConflictException">The experiment is deleted.</exception>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    Task<Run> StartRunAsync(string experiment, StartRunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Goes on with a run that has ended.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run, <see cref="RunStatus.Running"/> again; dispose it. Its params are known: logging another value of one is refused.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    /// <exception cref="EntityConflictException">The run is deleted, or is still held: it has not ended.</exception>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    Task<Run> ResumeRunAsync(string runId, CancellationToken cancellationToken = default);
}
