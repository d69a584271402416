using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>A source as one slot follows it.</summary>
internal interface IModelFeed
{
    /// <summary>Gets whether it always gives the same, so that nothing has to be watched once it is loaded.</summary>
    bool IsFixed { get; }

    /// <summary>Gets how often to resolve though no change was delivered; <see langword="null"/> where the watching looks by itself.</summary>
    TimeSpan? PollInterval { get; }

    /// <summary>Gets what a question that is not answered waits for, as a sentence; <see langword="null"/> where that is not known.</summary>
    string? WaitsFor => null;

    /// <summary>Finds what is to be served now.</summary>
    Task<ModelVersion> ResolveAsync(CancellationToken cancellationToken);

    /// <summary>Loads what <see cref="ResolveAsync"/> has found.</summary>
    /// <param name="version">The version.</param>
    /// <param name="beforeModel">Is awaited before the model is made: with its verified directory, or with <see langword="null"/> where there is none, or none is known.</param>
    /// <param name="cancellationToken">Cancels the loading.</param>
    Task<LoadedModel> LoadAsync(ModelVersion version, Func<ModelDirectory?, Task> beforeModel, CancellationToken cancellationToken);

    /// <summary>Delivers what is to be served now, and then each change; rapid ones perhaps as the last one only. <see langword="null"/> where it is to be resolved.</summary>
    /// <exception cref="NotSupportedException">Nothing tells of changes.</exception>
    IAsyncEnumerable<ModelVersion?> WatchAsync(CancellationToken cancellationToken);
}
