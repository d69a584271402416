using Mlops.State;

namespace Mlops.Data;

/// <summary>The files that versions and registrations under way need. It only grows within one collection, which errs on the safe side.</summary>
internal sealed class LiveFiles(CatalogState state, CatalogFiles files)
{
    private readonly HashSet<string> _manifests = new(StringComparer.Ordinal);
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    public bool Contains(string path) => _paths.Contains(path);

    /// <summary>Takes in what is needed at present, and gives up registrations whose time is over.</summary>
    /// <returns>The notes of registrations that ended, or were given up.</returns>
    /// <remarks>
    /// The notes are read before the datasets: a registration takes its notes away after it has become a version, so one of the two is always seen.
    /// A registration is given up by taking it out of its dataset's document, and becomes a version by changing the same document; so it is one or the other.
    /// </remarks>
    /// <exception cref="StorageException">It cannot be told what a version needs, since its manifest is missing or damaged.</exception>
    public async Task<List<StateEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        var protections = await state.ListProtectionsAsync(cancellationToken).ConfigureAwait(false);
        var active = new HashSet<string>(StringComparer.Ordinal);
        var now = state.Now;
        await foreach (var (name, listed) in state.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            var document = listed;
            if (Array.Exists(listed.Registrations, registration => registration.ExpiresAt <= now))
            {
                await state.UpdateAsync(
                    name,
                    present => document = present with { Registrations = [.. present.Registrations.Where(registration => registration.ExpiresAt > now)] },
                    cancellationToken).ConfigureAwait(false);
            }

            active.UnionWith(document.Registrations.Select(registration => registration.Id));
            foreach (var version in document.Versions) await AddAsync(name, version, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (registration, paths, _) in protections)
        {
            if (active.Contains(registration)) _paths.UnionWith(paths);
        }

        return [.. protections.Where(protection => !active.Contains(protection.Registration)).Select(protection => protection.Entry)];
    }

    private async Task AddAsync(string name, VersionDocument version, CancellationToken cancellationToken)
    {
        if (_manifests.Contains(version.Manifest)) return;
        var address = version.ToVersion(name).Address;
        try
        {
            var manifest = await files.ReadManifestAsync(version.Manifest, address, cancellationToken).ConfigureAwait(false);
            _paths.Add(CatalogFiles.ManifestPath(version.Manifest));
            foreach (var chunk in manifest.Chunks) _paths.Add(CatalogFiles.ChunkPath(chunk.Id));
            _manifests.Add(version.Manifest);
        }
        catch (EntityNotFoundException error)
        {
            // The version may have been deleted since its dataset was read.
            var present = await state.FindAsync(name, cancellationToken).ConfigureAwait(false);
            if (present?.Find(version.Version) is null) return;
            throw new StorageException(
                "dataset catalog",
                "collect garbage",
                $"The manifest '{CatalogFiles.ManifestPath(version.Manifest)}' of '{address}' is missing, so it cannot be told what the version needs; nothing more is deleted. Restore the file from a copy, or delete the version.",
                error);
        }
    }
}
