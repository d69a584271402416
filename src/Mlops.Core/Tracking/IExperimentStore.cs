namespace Mlops.Tracking;

/// <summary>Keeps experiments.</summary>
/// <remarks>Safe for concurrent use. What it returns never changes under a later write.</remarks>
public interface IExperimentStore
{
    /// <summary>Creates an experiment.</summary>
    /// <param name="name">The name, 1 to 500 characters.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The experiment.</returns>
    /// <exception cref="EntityConflictException">The name is taken, perhaps by a deleted experiment.</exception>
    Task<Experiment> CreateExperimentAsync(string name, IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default);

    /// <summary>Finds an experiment by its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The experiment, deleted ones included, or <see langword="null"/>.</returns>
    Task<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Lists the experiments.</summary>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The experiments in use, by creation.</returns>
    IAsyncEnumerable<Experiment> ListExperimentsAsync(CancellationToken cancellationToken = default);
}
