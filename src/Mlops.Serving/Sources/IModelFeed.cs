using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>A source as one slot follows it.</summary>
internal interface IModelFeed
{
    /// <summary>Gets whether it always gives the same, so that nothing has to be watched once it is loaded.</summary>
    bool IsFixed { get; }

    /// <summary>Finds what is to be served now.</summary>
    Task<ModelVersion> ResolveAsync(CancellationToken cancellationToken);

    /// <summary>Loads what <see cref="ResolveAsync"/> has found.</summary>
    Task<LoadedModel> LoadAsync(ModelVersion version, CancellationToken cancellationToken);

    /// <summary>Delivers what is to be served now, and then each change; rapid ones perhaps as the last one only.</summary>
    IAsyncEnumerable<ModelVersion> WatchAsync(CancellationToken cancellationToken);
}
