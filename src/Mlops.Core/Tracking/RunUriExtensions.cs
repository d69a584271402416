using Mlops.Artifacts;
using Mlops.Models;

namespace Mlops.Tracking;

/// <summary>What is done with artifacts of runs by their addresses, <c>runs:/&lt;run id&gt;/&lt;path&gt;</c>.</summary>
public static class RunUriExtensions
{
    /// <summary>Opens a file of a run.</summary>
    /// <param name="store">The artifact store that runs write to.</param>
    /// <param name="uri">The file.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The content; the last read throws <see cref="StorageException"/> if it is not what was written.</returns>
    /// <exception cref="EntityNotFoundException">There is no such file.</exception>
    public static Task<Stream> OpenReadAsync(this IArtifactStore store, RunUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(uri);
        return store.OpenReadAsync(uri.ArtifactPath, 0, null, cancellationToken);
    }

    /// <summary>Lists the files of a run below a path.</summary>
    /// <param name="store">The artifact store that runs write to.</param>
    /// <param name="uri">The folder; without a path all files of the run.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The files.</returns>
    public static IAsyncEnumerable<Artifact> ListAsync(this IArtifactStore store, RunUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(uri);
        return store.ListAsync(uri.ArtifactPath, cancellationToken);
    }

    /// <summary>Reads a folder of a run into a local one, verifying digests. Files there of the same name are replaced, others stay.</summary>
    /// <param name="store">The artifact store that runs write to.</param>
    /// <param name="uri">The folder; without a path all files of the run.</param>
    /// <param name="localDirectory">The folder on disk, created when it does not exist.</param>
    /// <param name="cancellationToken">Cancels the operation; files that were read stay.</param>
    /// <returns>The files, ordered by path.</returns>
    /// <exception cref="EntityNotFoundException">There is nothing below the path.</exception>
    /// <exception cref="StorageException">A file could not be read, or is not what was written.</exception>
    public static Task<IReadOnlyList<Artifact>> DownloadDirectoryAsync(this IArtifactStore store, RunUri uri, string localDirectory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return store.DownloadDirectoryAsync(uri.ArtifactPath, localDirectory, cancellationToken);
    }

    /// <summary>Describes the model directory that a run has stored, to be registered: where it is, the digest of its manifest, and the run.</summary>
    /// <param name="store">The artifact store that runs write to.</param>
    /// <param name="uri">The model directory.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What to register; tags and more can be added.</returns>
    /// <exception cref="EntityNotFoundException">There is no model directory with a manifest.</exception>
    public static async Task<NewModelVersion> DescribeModelAsync(this IArtifactStore store, RunUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(uri);
        var path = $"{uri.ArtifactPath}/{ModelFiles.Manifest}";
        var manifest = await store.FindAsync(path, cancellationToken).ConfigureAwait(false)
            ?? throw new EntityNotFoundException("artifact", path, $"There is no model directory at '{uri}': it has no '{ModelFiles.Manifest}'. Log the folder that a model was saved to, and name it behind the run.");
        return new NewModelVersion(uri.ArtifactPath, manifest.Digest) { Lineage = new Lineage(uri.RunId) };
    }

    /// <summary>Registers the model directory that a run has stored as the next version of a model, with the run as its lineage.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="name">The name of the model, which is made when it does not exist.</param>
    /// <param name="uri">The model directory.</param>
    /// <param name="artifacts">The artifact store that runs write to.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The version.</returns>
    /// <exception cref="EntityNotFoundException">There is no model directory with a manifest.</exception>
    /// <exception cref="StorageException">The registry cannot be written, or the artifacts cannot be read.</exception>
    public static async Task<ModelVersion> RegisterVersionAsync(this IModelRegistry registry, string name, RunUri uri, IArtifactStore artifacts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(registry);
        var version = await artifacts.DescribeModelAsync(uri, cancellationToken).ConfigureAwait(false);
        return await registry.RegisterVersionAsync(name, version, cancellationToken).ConfigureAwait(false);
    }
}
