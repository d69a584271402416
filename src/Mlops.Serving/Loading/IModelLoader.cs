using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Turns a version of a registered model into a model in memory. Safe for concurrent use.</summary>
public interface IModelLoader
{
    /// <summary>Loads a version.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Cancels the loading.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="ModelLoadException">
    /// The version cannot be fetched (<see cref="MlopsException.IsTransient"/>), is not what was registered, or is of no flavor that can be loaded here.
    /// </exception>
    Task<LoadedModel> LoadAsync(ModelVersion version, CancellationToken cancellationToken = default);
}
