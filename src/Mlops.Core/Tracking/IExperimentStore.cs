namespace Mlops.Tracking;

/// <summary>Keeps experiments.</summary>
/// <remarks>Safe for concurrent use, also by several processes where the store is shared. What it returns never changes under a later write.</remarks>
public interface IExperimentStore
{
    /// <summary>Creates an experiment.</summary>
    /// <param name="name">The name, 1 to 500 characters.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The experiment.</returns>
    /// <exception cref="EntityConflictException">The name is taken, perhaps by a deleted experiment.</exception>
    Task<Experiment> CreateExperimentAsync(string name, IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default);

    /// <summary>Finds an experiment by its name, a deleted one too.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The experiment, or <see langword="null"/>.</returns>
    Task<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Finds an experiment by its identifier, a deleted one too.</summary>
    /// <param name="id">The identifier.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The experiment, or <see langword="null"/>.</returns>
    Task<Experiment?> FindExperimentByIdAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Changes an experiment in use; all of the changes or none.</summary>
    /// <param name="id">The identifier.</param>
    /// <param name="changes">What to change.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The experiment as it is then.</returns>
    /// <exception cref="EntityNotFoundException">There is no such experiment.</exception>
    /// <exception cref="EntityConflictException">The new name is taken, perhaps by a deleted experiment, or the experiment is deleted.</exception>
    Task<Experiment> UpdateExperimentAsync(string id, ExperimentChanges changes, CancellationToken cancellationToken = default);

    /// <summary>Deletes an experiment with all its runs, or restores it with all its runs, those that were deleted one by one included (as MLflow does).</summary>
    /// <param name="id">The identifier.</param>
    /// <param name="stage">What it is from now on; setting what it is already changes nothing.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The experiment as it is then.</returns>
    /// <exception cref="EntityNotFoundException">There is no such experiment.</exception>
    Task<Experiment> SetExperimentStageAsync(string id, LifecycleStage stage, CancellationToken cancellationToken = default);

    /// <summary>Finds experiments, page by page.</summary>
    /// <param name="query">Which experiments, in which order.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The experiments as they are now.</returns>
    Task<Page<Experiment>> SearchExperimentsAsync(ExperimentQuery query, CancellationToken cancellationToken = default);
}
