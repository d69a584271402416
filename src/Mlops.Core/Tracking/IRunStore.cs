namespace Mlops.Tracking;

/// <summary>Keeps runs: their state, params, tags and inputs. Metrics go through an <see cref="IMetricAppender"/>.</summary>
/// <remarks>
/// <para>Safe for concurrent use, also by several processes where the store is shared. What it returns never changes under a later write.</para>
/// <para>A run that ended as <see cref="RunStatus.Finished"/> or <see cref="RunStatus.Failed"/> accepts a name and tags (notes are written afterwards) and rejects everything else
/// until it is resumed. One that ended as <see cref="RunStatus.Killed"/> still accepts everything, because it may arrive late from a process that was taken for dead while the
/// store was away from it; how that process says the run ended replaces the end that was put in its place, and its reason. A deleted run rejects every change until it is restored.</para>
/// <para>A run belongs to the handle that created it or resumed it last, named by <see cref="RunLease.Holder"/>, until another one resumes it; not its end, nor that of its lease, nor that of its
/// process changes that. What another handle writes in its own name (<see cref="RunChanges.Holder"/>, <see cref="MetricBatch.Holder"/>) is refused: who was taken for dead, and has lost the run to
/// one that resumed it, neither ends nor fills it, whatever has become of that one. What is written in no handle's name anybody may write.</para>
/// <para>Changes that have a <see cref="RunChanges.Origin"/> are made once: the store notes their number in the step that makes them.</para>
/// </remarks>
public interface IRunStore
{
    /// <summary>Creates a run in the state <see cref="RunStatus.Running"/>.</summary>
    /// <param name="run">The run; its identifier is the caller's.</param>
    /// <param name="lease">Which process holds the run, and until when; <see langword="null"/> for a run that no process holds, which is never taken for abandoned.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the run is durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such experiment.</exception>
    /// <exception cref="EntityConflictException">There is such a run already, or the experiment is deleted.</exception>
    Task CreateRunAsync(RunSnapshot run, RunLease? lease, CancellationToken cancellationToken = default);

    /// <summary>Changes a run; all of the changes or none.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="changes">What to change.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the changes are durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    /// <exception cref="EntityConflictException">A param has another value already, the run is deleted, or belongs to another handle than the <see cref="RunChanges.Holder"/>.</exception>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    Task UpdateRunAsync(string runId, RunChanges changes, CancellationToken cancellationToken = default);

    /// <summary>Makes a run that has ended go on, or takes one over that no process holds; the tag <see cref="RunTags.Error"/>, which says why it ended, goes.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="lease">Which process holds the run from now on, and until when.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the run is <see cref="RunStatus.Running"/> again, without an end.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    /// <exception cref="EntityConflictException">The run is deleted, or another process holds it: it has not ended.</exception>
    Task ResumeRunAsync(string runId, RunLease lease, CancellationToken cancellationToken = default);

    /// <summary>Deletes a run, or restores it; nothing of it is lost.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="stage">What it is from now on; setting what it is already changes nothing.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the stage is durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    Task SetRunStageAsync(string runId, LifecycleStage stage, CancellationToken cancellationToken = default);

    /// <summary>Finds a run, a deleted one too.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run as it is now, or <see langword="null"/>.</returns>
    Task<RunSnapshot?> FindRunAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Finds runs, page by page.</summary>
    /// <param name="query">Which runs, in which order.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The runs as they are now.</returns>
    /// <exception cref="EntityNotFoundException">There is no experiment of a name in the query.</exception>
    Task<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, CancellationToken cancellationToken = default);
}
