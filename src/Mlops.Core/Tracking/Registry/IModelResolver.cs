namespace Mlops.Tracking;

/// <summary>Finds the version that a model address points to, and tells when it points elsewhere: all that serving needs of a registry.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public interface IModelResolver
{
    /// <summary>Finds the version that an address points to.</summary>
    /// <param name="uri">The address.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The version.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model, version or alias.</exception>
    Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default);

    /// <summary>Delivers the version that an address points to now, and then every other one it points to later.</summary>
    /// <param name="uri">The address.</param>
    /// <param name="cancellationToken">Ends the watching.</param>
    /// <returns>The versions; rapid changes may be delivered as the last one only. An address that points nowhere delivers nothing until it does.</returns>
    IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default);
}
