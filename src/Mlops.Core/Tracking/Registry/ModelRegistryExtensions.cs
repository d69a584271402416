using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>Short forms of what is often done with a model registry.</summary>
public static class ModelRegistryExtensions
{
    /// <summary>Lists the versions of a model, reading page after page as they are asked for.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="name">The name of the model.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The versions, the highest first; none when there is no such model.</returns>
    public static async IAsyncEnumerable<ModelVersion> ListVersionsAsync(this IModelRegistry registry, string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ModelUri.CheckName(name);
        var query = new ModelVersionQuery { Filter = ModelVersionSearch.Name.Is(name), OrderBy = [ModelVersionSearch.Version.Descending] };
        while (true)
        {
            var page = await registry.SearchVersionsAsync(query, cancellationToken).ConfigureAwait(false);
            foreach (var version in page.Items) yield return version;
            if (page.NextPageToken is null) yield break;
            query = query with { PageToken = page.NextPageToken };
        }
    }

    /// <summary>Sets a tag of a version, replacing an earlier value, or removes it.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">The version.</param>
    /// <param name="tag">The name of the tag.</param>
    /// <param name="value">The value; <see langword="null"/> to remove the tag.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The version as it is then.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model or version.</exception>
    public static Task<ModelVersion> SetVersionTagAsync(this IModelRegistry registry, string name, int version, string tag, string? value, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return registry.UpdateVersionAsync(
            name, version, value is null ? new ModelVersionChanges { RemovedTags = [tag] } : new ModelVersionChanges { Tags = [KeyValuePair.Create(tag, value)] }, cancellationToken);
    }

    /// <summary>Moves a version to a stage.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">The version.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="archiveExisting">Whether all other versions in the stage become <see cref="ModelStage.Archived"/> in the same step.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The version as it is then.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model or version.</exception>
    public static Task<ModelVersion> SetVersionStageAsync(
        this IModelRegistry registry, string name, int version, ModelStage stage, bool archiveExisting = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return registry.UpdateVersionAsync(name, version, new ModelVersionChanges { Stage = stage, ArchiveExisting = archiveExisting }, cancellationToken);
    }
}
