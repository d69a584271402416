namespace Mlops.Artifacts;

/// <summary>Conveniences over <see cref="IArtifactStore"/>: whole folders.</summary>
public static class ArtifactStoreExtensions
{
    /// <summary>Writes every file of a local folder and its subfolders.</summary>
    /// <remarks>
    /// A symbolic link to a file within the folder is written as the file it points to. Links that lead out of the folder, to folders or nowhere are refused before anything is written; the folder itself may be
    /// reached through a link. Named pipes, sockets and devices are refused likewise, on Linux.
    /// </remarks>
    /// <param name="store">The store.</param>
    /// <param name="localDirectory">The folder on disk.</param>
    /// <param name="prefix">The folder in the store; empty for its top.</param>
    /// <param name="cancellationToken">Cancels the operation; files that were written stay.</param>
    /// <returns>The files as they are in the store, ordered by path.</returns>
    /// <exception cref="EntityNotFoundException">There is no such folder on disk.</exception>
    /// <exception cref="StorageException">A file could not be read or stored, or a symbolic link or what is no file is refused.</exception>
    public static async Task<IReadOnlyList<Artifact>> UploadDirectoryAsync(this IArtifactStore store, string localDirectory, string prefix, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(localDirectory);
        var folder = ArtifactPath.CheckPrefix(prefix);
        var root = Path.GetFullPath(localDirectory);
        if (!Directory.Exists(root)) throw NoFolder(root);
        using var source = new UploadFolder(root);
        var written = new List<Artifact>();
        foreach (var relative in source.FindFiles())
        {
            var content = source.Open(relative);
            await using (content.ConfigureAwait(false))
                written.Add(await store.WriteAsync(folder + relative, content, default, cancellationToken).ConfigureAwait(false));
        }

        written.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return written;
    }

    /// <summary>Reads every file below a path into a local folder, verifying digests. Files there of the same name are replaced, others stay.</summary>
    /// <param name="store">The store.</param>
    /// <param name="prefix">The folder in the store; empty for its top.</param>
    /// <param name="localDirectory">The folder on disk, created when it does not exist.</param>
    /// <param name="cancellationToken">Cancels the operation; files that were read stay.</param>
    /// <returns>The files, ordered by path.</returns>
    /// <exception cref="EntityNotFoundException">There is nothing below the path.</exception>
    /// <exception cref="StorageException">A file could not be read, or is not what was written; its local file is left as it was.</exception>
    public static async Task<IReadOnlyList<Artifact>> DownloadDirectoryAsync(this IArtifactStore store, string prefix, string localDirectory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(localDirectory);
        var folder = ArtifactPath.CheckPrefix(prefix);
        var root = Path.GetFullPath(localDirectory);
        var read = new List<Artifact>();
        await foreach (var artifact in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            // Checked again, because what a remote store lists becomes a path on this disk.
            var relative = ArtifactPath.Check(artifact.Path[folder.Length..]);
            await DownloadAsync(store, artifact.Path, Path.Combine(root, relative.Replace('/', Path.DirectorySeparatorChar)), cancellationToken).ConfigureAwait(false);
            read.Add(artifact);
        }

        if (read.Count == 0) throw new EntityNotFoundException("artifact", prefix, $"There are no artifacts below '{prefix}'; check the path.");
        return read;
    }

    private static EntityNotFoundException NoFolder(string folder)
    {
        if (File.Exists(folder)) return new EntityNotFoundException("folder", folder, $"'{folder}' is a file, not a folder. Name the folder, such as that of a saved model.");
        var there = Path.GetDirectoryName(folder);
        while (there is not null && !Directory.Exists(there)) there = Path.GetDirectoryName(there);
        return new EntityNotFoundException("folder", folder, $"There is no folder '{folder}' on this disk{(there is null ? "" : $"; the path exists up to '{there}'")}. Correct the path, or save what is to be uploaded first.");
    }

    private static async Task DownloadAsync(IArtifactStore store, string path, string file, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var temporary = $"{file}.{Ids.Create(TimeProvider.System)}.part";
        try
        {
            var source = await store.OpenReadAsync(path, 0, null, cancellationToken).ConfigureAwait(false);
            await using (source.ConfigureAwait(false))
            {
                var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
                await using (target.ConfigureAwait(false)) await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            }

            File.Move(temporary, file, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
