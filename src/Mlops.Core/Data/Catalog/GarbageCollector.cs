using Mlops.Artifacts;

namespace Mlops.Data;

/// <summary>Deletes chunks and manifests that no version needs, while versions are registered and deleted, and other collections run.</summary>
/// <remarks>
/// <para>The state store and the artifact store have no transaction in common, and any process may stand still or die between any two steps. What must never happen:
/// a registration finds a chunk there and relies on it, and a collection that had found it unused before deletes it. It cannot happen, whatever the timing:</para>
/// <para>A registration (1) notes the files it is about to rely on, (2) reads the sweep, and (3) looks which files are there. One that is there and not in the sweep it
/// relies on; one that is in the sweep, or not there, it writes. Each write of a chunk has a digest of its own (<see cref="ChunkFrame"/>), and a sweep lists writes,
/// not paths. It becomes a version by a change of its dataset's document that succeeds only while it is registered there, and takes its notes away afterwards.</para>
/// <para>A collection (1) publishes in the sweep which writes it is going to delete, (2) reads what registrations note and versions need, and (3) makes each write of the
/// sweep void: it deletes it under the condition of its digest, or, when it is needed, writes it anew under that condition. (4) Only then the sweep is taken down.
/// A collection that finds a sweep, whose owner may be dead, slow or at work, carries it out first; all its steps can be repeated, and done by several at once.</para>
/// <para>Why it is safe: suppose a collection deletes a write that a registration relies on. The write was in a sweep. If that sweep was taken down before the registration
/// read the sweep, the write was void, and could not be found afterwards. If it was up, the registration has not relied on this write. If it was put up later, the
/// collection read the notes later still, and saw the registration's note, or its version; so it deletes nothing of them. A registration that was given up
/// for its silence is not in the document any more and cannot become a version.</para>
/// <para>Manifests are never shared and never used again (<see cref="DatasetManifest.Id"/>), and noted before they are written; so one that is unused stays so.</para>
/// </remarks>
internal sealed class GarbageCollector(CatalogState state, CatalogFiles files)
{
    private const int SweepFiles = 256;
    private const int AtOnce = 4;

    private readonly LiveFiles _live = new(state, files);
    private readonly List<Artifact> _deleted = [];

    public async Task<GarbageCollectionResult> RunAsync(TimeSpan gracePeriod, CancellationToken cancellationToken)
    {
        // What a collection left that was killed.
        await FinishSweepAsync(cancellationToken).ConfigureAwait(false);
        var since = new UnusedSince(files.Artifacts);
        await since.ReadAsync(cancellationToken).ConfigureAwait(false);
        // The files first, then what is needed: a file that is written in between is noted before.
        var found = await ListAsync(cancellationToken).ConfigureAwait(false);
        await _live.ReadAsync(cancellationToken).ConfigureAwait(false);

        var now = state.Now;
        var used = found.Where(file => _live.Contains(file.Path)).ToList();
        var unused = found.Where(file => !_live.Contains(file.Path)).Select(file => (File: file, Since: since.Get(file, now))).ToList();
        await since.WriteAsync(unused, cancellationToken).ConfigureAwait(false);
        foreach (var part in unused.Where(file => now - file.Since >= gracePeriod).Select(file => file.File).Chunk(SweepFiles)) await SweepAsync(part, cancellationToken).ConfigureAwait(false);

        await RemoveNotesAsync(cancellationToken).ConfigureAwait(false);
        var waiting = unused.Where(file => now - file.Since < gracePeriod).Select(file => file.File).ToList();
        return new GarbageCollectionResult(_deleted.Count, _deleted.Sum(Length), waiting.Count, waiting.Sum(Length), used.Count, used.Sum(Length));
    }

    private static long Length(Artifact file) => file.Length;

    private async Task<List<Artifact>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<Artifact>();
        foreach (var folder in new[] { CatalogFiles.Chunks, CatalogFiles.Manifests })
        {
            await foreach (var artifact in files.Artifacts.ListAsync(folder, cancellationToken).ConfigureAwait(false)) found.Add(artifact);
        }

        return found;
    }

    private async Task SweepAsync(Artifact[] doomed, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (present, etag) = await state.GetSweepAsync(cancellationToken).ConfigureAwait(false);
            var isUp = present.Files.Length == 0 && await state.TrySetSweepAsync(doomed, etag, cancellationToken).ConfigureAwait(false);
            await FinishSweepAsync(cancellationToken).ConfigureAwait(false);
            if (isUp) return;
        }
    }

    /// <summary>Carries out the sweep that is up, whoever put it up, and takes it down.</summary>
    private async Task FinishSweepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (sweep, etag) = await state.GetSweepAsync(cancellationToken).ConfigureAwait(false);
            if (sweep.Files.Length == 0) return;
            await _live.ReadAsync(cancellationToken).ConfigureAwait(false);
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(sweep.Files, options, async (file, token) => await VoidAsync(file, token).ConfigureAwait(false)).ConfigureAwait(false);
            if (await state.TrySetSweepAsync([], etag, cancellationToken).ConfigureAwait(false)) return;
        }
    }

    /// <summary>Sees to it that a write is not there any more.</summary>
    private async Task VoidAsync(Artifact file, CancellationToken cancellationToken)
    {
        if (_live.Contains(file.Path))
        {
            if (file.Path.StartsWith(CatalogFiles.Chunks, StringComparison.Ordinal)) await files.RenewAsync(file, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!await TryDeleteAsync(file, cancellationToken).ConfigureAwait(false)) return;
        lock (_deleted) _deleted.Add(file);
    }

    private async Task<bool> TryDeleteAsync(Artifact file, CancellationToken cancellationToken)
    {
        try
        {
            return await files.Artifacts.DeleteAsync(file.Path, WriteCondition.IfMatches(file.Digest), cancellationToken).ConfigureAwait(false);
        }
        catch (EntityConflictException)
        {
            // It is gone already, or another write.
            return false;
        }
    }

    /// <summary>Removes what ended registrations noted, and notes on fingerprints that no version has.</summary>
    private async Task RemoveNotesAsync(CancellationToken cancellationToken)
    {
        foreach (var note in await _live.ReadAsync(cancellationToken).ConfigureAwait(false)) await state.DeleteAsync(note, cancellationToken).ConfigureAwait(false);
        await foreach (var (fingerprint, name, entry) in state.ListFingerprintsAsync(null, cancellationToken).ConfigureAwait(false))
        {
            // A registration under way may be about to need it.
            var document = await state.FindAsync(name, cancellationToken).ConfigureAwait(false);
            if (document is null || (document.Registrations.Length == 0 && !Array.Exists(document.Versions, version => version.Fingerprint == fingerprint)))
                await state.DeleteAsync(entry, cancellationToken).ConfigureAwait(false);
        }
    }
}
