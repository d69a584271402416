namespace Mlops.Tracking;

/// <summary>Keeps registered models, their versions, stages and aliases.</summary>
/// <remarks>
/// <para>Safe for concurrent use, also by several processes where the store is shared. What it returns never changes under a later write.</para>
/// <para>Governance (approvals, signatures) has its place beside it: a decorator that refuses <see cref="SetAliasAsync"/> and changes of the stage until its own records,
/// kept by model and version, allow them.</para>
/// </remarks>
public interface IModelRegistry : IModelResolver
{
    /// <summary>Creates a model without versions.</summary>
    /// <param name="name">The name.</param>
    /// <param name="description">The description, at most 5000 characters.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The model.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="EntityConflictException">There is such a model already.</exception>
    Task<RegisteredModel> CreateModelAsync(string name, string description = "", IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default);

    /// <summary>Finds a registered model.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The model, or <see langword="null"/>.</returns>
    Task<RegisteredModel?> FindModelAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Changes a model; all of the changes or none.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="changes">What to change.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The model as it is then.</returns>
    /// <exception cref="FormatException">The new name is not allowed.</exception>
    /// <exception cref="EntityNotFoundException">There is no such model.</exception>
    /// <exception cref="EntityConflictException">The new name is taken.</exception>
    Task<RegisteredModel> UpdateModelAsync(string name, RegisteredModelChanges changes, CancellationToken cancellationToken = default);

    /// <summary>Deletes a model with its versions, tags and aliases. It cannot be restored; a model of the same name that is registered later counts from 1 again.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when it is gone.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model.</exception>
    Task DeleteModelAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Finds models, page by page. Those tagged <c>mlflow.prompt.is_prompt = 'true'</c> are found only by a filter that asks for that tag.</summary>
    /// <param name="query">Which models, in which order.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The models as they are now.</returns>
    /// <exception cref="ArgumentException">The query is not one of models, or its token belongs to another one.</exception>
    Task<Page<RegisteredModel>> SearchModelsAsync(ModelQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// Registers a version; the model is created with its first one. With a <see cref="NewModelVersion.RequestKey"/> that a version of the model was registered with, nothing is registered, and that version is
    /// the result, so that a call whose answer was lost can be repeated; the key of a deleted version is free again, and registers another one.
    /// </summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">What the version is made of.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The version, with the next number; numbers have no gaps and no duplicates, also under concurrency, and those of deleted versions are not used again.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="ArgumentException">The source could never be loaded: it is a path of this machine, leads out of the artifact store, or is an address <c>runs:/…</c> or <c>models:/…</c>; or another text is not allowed.</exception>
    /// <exception cref="EntityConflictException">A version with another source or digest was registered with the same key.</exception>
    Task<ModelVersion> RegisterVersionAsync(string name, NewModelVersion version, CancellationToken cancellationToken = default);

    /// <summary>Changes a version; all of the changes or none.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">The version.</param>
    /// <param name="changes">What to change.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The version as it is then.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model or version.</exception>
    Task<ModelVersion> UpdateVersionAsync(string name, int version, ModelVersionChanges changes, CancellationToken cancellationToken = default);

    /// <summary>Deletes a version: its source, lineage, description and tags are erased, aliases to it removed, and nothing finds it any more; its number stays used.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when it is gone.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model or version.</exception>
    Task DeleteVersionAsync(string name, int version, CancellationToken cancellationToken = default);

    /// <summary>Finds versions of all models, page by page.</summary>
    /// <param name="query">Which versions, in which order.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The versions as they are now.</returns>
    /// <exception cref="ArgumentException">The query is not one of versions, or its token belongs to another one.</exception>
    Task<Page<ModelVersion>> SearchVersionsAsync(ModelVersionQuery query, CancellationToken cancellationToken = default);

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
}
