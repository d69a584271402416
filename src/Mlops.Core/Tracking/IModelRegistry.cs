namespace Mlops.Tracking;

/// <summary>Keeps registered models, their versions and aliases.</summary>
/// <remarks>Safe for concurrent use, also by several processes where the store is shared. What it returns never changes under a later write.</remarks>
public interface IModelRegistry : IModelResolver
{
    /// <summary>Finds a registered model.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The model, or <see langword="null"/>.</returns>
    Task<RegisteredModel?> FindModelAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Registers a version; the model is created with its first one.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">What the version is made of.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The version, with the next number; numbers have no gaps and no duplicates, also under concurrency.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    Task<ModelVersion> RegisterVersionAsync(string name, NewModelVersion version, CancellationToken cancellationToken = default);

    /// <summary>Lists the versions of a model.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The versions, the highest first; none when there is no such model.</returns>
    IAsyncEnumerable<ModelVersion> ListVersionsAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Points an alias to a version, or removes it, in one atomic step.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="alias">The alias: <c>champion</c>.</param>
    /// <param name="version">The version; <see langword="null"/> to remove the alias.</param>
    /// <param name="condition">What the alias must point to at present.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the alias is durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model or version.</exception>
    /// <exception cref="EntityConflictException">The alias points elsewhere than the condition says; it was left alone.</exception>
    /// <exception cref="FormatException">The alias is not allowed, or is <see cref="ModelUri.Latest"/>.</exception>
    Task SetAliasAsync(string name, string alias, int? version, AliasCondition condition = default, CancellationToken cancellationToken = default);

    /// <summary>Sets a tag of a version, replacing an earlier value, or removes it.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">The version.</param>
    /// <param name="tag">The name of the tag.</param>
    /// <param name="value">The value; <see langword="null"/> to remove the tag.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the tag is durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model or version.</exception>
    Task SetVersionTagAsync(string name, int version, string tag, string? value, CancellationToken cancellationToken = default);
}
