using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Mlops.Artifacts;
using Mlops.State;
using Mlops.Tracking;

namespace Mlops.Data;

/// <summary>Keeps versions of datasets: immutable, by name, number, alias or fingerprint, sharing what they have in common.</summary>
/// <remarks>
/// <para>Rows are kept in chunks whose borders depend on the rows, each stored once under the SHA-256 digest of its content, so that a version which adds, changes or removes
/// a few rows stores little more than these. A version is a manifest: the schema with its roles and the list of chunks. Names, versions and aliases live in the state store, the rest
/// in the artifact store. Values are kept as fingerprints see them: negative zero becomes zero, and every NaN the same.</para>
/// <para>Safe for concurrent use, also by several processes and hosts. A process may be killed at any moment: a version is there as a whole or not at all, and what a killed
/// registration or collection left is removed by a later <see cref="CollectGarbageAsync"/>, which never removes what a version needs.</para>
/// <para>All versions of a dataset are one value of the state store; some thousands of them are fine.</para>
/// </remarks>
/// <example><code>
/// var catalog = new DatasetCatalog(artifacts, state);
/// var version = await catalog.RegisterAsync("rides", june, new DatasetRegistration { Owner = "ml-team", Message = "June" });
/// await catalog.SetAliasAsync("rides", "training", version.Version);
/// IDataset rows = await catalog.OpenAsync("rides@training");
/// </code></example>
public sealed class DatasetCatalog
{
    private readonly CatalogState _state;
    private readonly CatalogFiles _files;
    private readonly TimeProvider _time;
    private readonly DatasetCatalogOptions _options;

    /// <summary>Creates a catalog over stores, which stay the caller's.</summary>
    /// <param name="artifacts">Keeps chunks and manifests, below <c>datasets/</c>.</param>
    /// <param name="state">Keeps names, versions and aliases, below <c>datasets/</c> and under keys that begin with <c>dataset-</c>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="options">How to store and read; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public DatasetCatalog(IArtifactStore artifacts, IStateStore state, TimeProvider? timeProvider = null, DatasetCatalogOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(state);
        _time = timeProvider ?? TimeProvider.System;
        _options = options ?? new DatasetCatalogOptions();
        _options.Check();
        _state = new CatalogState(state, _time);
        _files = new CatalogFiles(artifacts, _time, _options.VerifiesReusedChunks);
    }

    /// <summary>Stores data as the next version of a dataset. They are read once, and need not fit into memory.</summary>
    /// <param name="name">The dataset; it is created with its first version.</param>
    /// <param name="dataset">The rows.</param>
    /// <param name="registration">What is told about them; nothing when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the registration; no version is made then.</param>
    /// <returns>The new version; the highest existing one of the same rows and schema, if there is one and <see cref="DatasetRegistration.AlwaysNew"/> does not say otherwise.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="DataFormatException">The data cannot be read; no version is made.</exception>
    /// <exception cref="StorageException">Something could not be stored, or the source was silent for longer than <see cref="DatasetCatalogOptions.RegistrationTimeout"/>; no version is made.</exception>
    public async Task<DatasetVersion> RegisterAsync(string name, IDataset dataset, DatasetRegistration? registration = null, CancellationToken cancellationToken = default)
    {
        DatasetAddress.CheckName(name);
        ArgumentNullException.ThrowIfNull(dataset);
        registration ??= new DatasetRegistration();
        var active = await ActiveRegistration.BeginAsync(_state, name, _options.RegistrationTimeout, cancellationToken).ConfigureAwait(false);
        await using (active.ConfigureAwait(false))
        {
            var writer = new ChunkWriter(dataset.Schema, _files, active, _options.Compression, _time);
            using var fingerprint = new DatasetFingerprint(dataset.Schema);
            await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
            {
                fingerprint.Add(batch);
                await active.RenewAsync(cancellationToken).ConfigureAwait(false);
                await writer.AddAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            await writer.FinishAsync(cancellationToken).ConfigureAwait(false);
            return await CommitAsync(name, dataset.Schema, registration, active, writer.Chunks, fingerprint, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Finds a version.</summary>
    /// <param name="address"><c>name</c> (the latest version), <c>name@3</c>, <c>name@alias</c>, or a fingerprint, which finds the version of it that was registered last.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The version.</returns>
    /// <exception cref="FormatException">The text is not the address of a dataset.</exception>
    /// <exception cref="EntityNotFoundException">There is no such dataset, version, alias or fingerprint.</exception>
    public async Task<DatasetVersion> ResolveAsync(string address, CancellationToken cancellationToken = default)
    {
        var parsed = DatasetAddress.Parse(address);
        if (parsed.Fingerprint is { } fingerprint) return await ResolveFingerprintAsync(fingerprint, cancellationToken).ConfigureAwait(false);
        var document = await GetDocumentAsync(parsed.Name!, cancellationToken).ConfigureAwait(false);
        return CatalogLookup.Find(document, parsed).ToVersion(parsed.Name!);
    }

    /// <summary>Opens a version for reading.</summary>
    /// <param name="address">The address, as for <see cref="ResolveAsync"/>.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The rows, as they were registered. Reading verifies the digest of each chunk.</returns>
    /// <exception cref="FormatException">The text is not the address of a dataset.</exception>
    /// <exception cref="EntityNotFoundException">There is no such dataset, version, alias or fingerprint.</exception>
    /// <exception cref="StorageException">The manifest is missing or damaged.</exception>
    public async Task<CatalogDataset> OpenAsync(string address, CancellationToken cancellationToken = default)
    {
        var version = await ResolveAsync(address, cancellationToken).ConfigureAwait(false);
        try
        {
            var manifest = await _files.ReadManifestAsync(version.ManifestId, version.Address, cancellationToken).ConfigureAwait(false);
            return new CatalogDataset(version, manifest.ToSchema(), manifest.Chunks, _files, _options.ReadParallelism);
        }
        catch (EntityNotFoundException error)
        {
            throw new StorageException(
                "dataset catalog", "open dataset", $"The manifest of '{version.Address}' is missing. If the version was deleted meanwhile, resolve it again; if not, restore the file from a copy.", error);
        }
    }

    /// <summary>Gets what all versions of a dataset have in common.</summary>
    /// <param name="name">The dataset.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="EntityNotFoundException">There is no such dataset.</exception>
    public async Task<DatasetEntry> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        DatasetAddress.CheckName(name);
        return CatalogLookup.Describe(name, await GetDocumentAsync(name, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Lists the datasets.</summary>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The datasets, ordered by name.</returns>
    public async IAsyncEnumerable<DatasetEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (name, document) in _state.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (document.Next > 1) yield return CatalogLookup.Describe(name, document);
        }
    }

    /// <summary>Lists the versions of a dataset.</summary>
    /// <param name="name">The dataset.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The versions, the latest first.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="EntityNotFoundException">There is no such dataset.</exception>
    public async IAsyncEnumerable<DatasetVersion> ListVersionsAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        DatasetAddress.CheckName(name);
        var document = await GetDocumentAsync(name, cancellationToken).ConfigureAwait(false);
        foreach (var version in document.Versions.Reverse()) yield return version.ToVersion(name);
    }

    /// <summary>Points an alias to a version, or removes it, in one atomic step.</summary>
    /// <param name="name">The dataset.</param>
    /// <param name="alias">The alias: <c>training</c>.</param>
    /// <param name="version">The version; <see langword="null"/> to remove the alias.</param>
    /// <param name="condition">What the alias must point to at present.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the alias is durable.</returns>
    /// <exception cref="FormatException">The name or the alias is not allowed.</exception>
    /// <exception cref="EntityNotFoundException">There is no such dataset or version.</exception>
    /// <exception cref="EntityConflictException">The alias points elsewhere than the condition says; it was left alone.</exception>
    public Task SetAliasAsync(string name, string alias, int? version, AliasCondition condition = default, CancellationToken cancellationToken = default)
    {
        DatasetAddress.CheckName(name);
        DatasetAddress.CheckAlias(alias);
        return _state.UpdateAsync(name, document => CatalogLookup.SetAlias(name, CatalogLookup.Check(name, document), alias, version, condition), cancellationToken);
    }

    /// <summary>Deletes a version. Its number is not given again; its rows are removed by a later <see cref="CollectGarbageAsync"/>, as far as no other version needs them.</summary>
    /// <param name="name">The dataset.</param>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the version is gone.</returns>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="EntityNotFoundException">There is no such dataset or version.</exception>
    /// <exception cref="EntityConflictException">An alias points to the version.</exception>
    public Task DeleteVersionAsync(string name, int version, CancellationToken cancellationToken = default)
    {
        DatasetAddress.CheckName(name);
        return _state.UpdateAsync(name, document => CatalogLookup.Delete(name, CatalogLookup.Check(name, document), version), cancellationToken);
    }

    /// <summary>Compares two versions, of one dataset or of two, row by row. Chunks that both have are not read.</summary>
    /// <param name="before">The address of one version.</param>
    /// <param name="after">The address of the other.</param>
    /// <param name="key">
    /// The columns that identify a row, which both must have with the same type; an empty list to compare whole rows, which knows no changes, only rows added and removed.
    /// The columns of role <see cref="ColumnRole.Key"/> in the later version when <see langword="null"/>, whole rows when there are none.
    /// </param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <returns>The difference. It holds about 100 bytes for each row of chunks that only one of the versions has.</returns>
    /// <exception cref="FormatException">A text is not the address of a dataset.</exception>
    /// <exception cref="EntityNotFoundException">There is no such version, or key column.</exception>
    /// <exception cref="ArgumentException">A key column has different types, or the versions have no column in common.</exception>
    /// <exception cref="EntityConflictException">Rows of one version, in chunks that the other does not have, agree in their keys.</exception>
    /// <exception cref="StorageException">A chunk is missing or damaged.</exception>
    public async Task<DatasetDiff> DiffAsync(string before, string after, IReadOnlyList<string>? key = null, CancellationToken cancellationToken = default)
    {
        var (old, present) = (await OpenAsync(before, cancellationToken).ConfigureAwait(false), await OpenAsync(after, cancellationToken).ConfigureAwait(false));
        var columns = key ?? [.. present.Schema.Where(column => column.Role == ColumnRole.Key).Select(column => column.Name)];
        return await new DatasetComparer(old, present, columns).CompareAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes chunks and manifests that nothing has needed for the grace period. Safe at any time, also together with registrations and other collections.</summary>
    /// <param name="options">How; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the collection; the next one goes on.</param>
    /// <returns>What was deleted, what waits for the grace period to be over, and what is needed.</returns>
    /// <exception cref="StorageException">A store failed, or it cannot be told what a version needs because its manifest is missing; nothing more is deleted then.</exception>
    public Task<GarbageCollectionResult> CollectGarbageAsync(GarbageCollectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new GarbageCollectionOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.GracePeriod, TimeSpan.Zero, nameof(options));
        return new GarbageCollector(_state, _files).RunAsync(options.GracePeriod, cancellationToken);
    }

    private async Task<DatasetVersion> CommitAsync(
        string name, DataSchema schema, DatasetRegistration registration, ActiveRegistration active, IReadOnlyList<ManifestChunk> chunks, DatasetFingerprint rows, CancellationToken cancellationToken)
    {
        var (rowCount, fingerprint, columns, now) = (rows.RowCount, rows.Finish(), DatasetManifest.ColumnsOf(schema), _state.Now);
        var tags = registration.Tags.Count == 0 ? null : new Dictionary<string, string>(registration.Tags, StringComparer.Ordinal);
        var manifest = new DatasetManifest
        {
            Id = _state.CreateId(),
            Name = name,
            Columns = columns,
            RowCount = rowCount,
            Fingerprint = fingerprint,
            Chunks = [.. chunks],
            CreatedAt = now,
            Parent = active.Parent?.Manifest,
            Description = registration.Description,
            Owner = registration.Owner,
            Message = registration.Message,
            Source = registration.Source,
            Tags = tags,
        }.ToBytes();
        var made = new VersionDocument(0, Convert.ToHexStringLower(SHA256.HashData(manifest)), fingerprint, DatasetManifest.DigestOf(columns), rowCount, chunks.DistinctBy(chunk => chunk.Id).Sum(chunk => (long)chunk.Stored), now)
        {
            Parent = active.Parent?.Version,
            Message = registration.Message,
            Source = registration.Source,
            Tags = tags,
        };
        var present = await _state.FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (registration.AlwaysNew || present is null || CatalogLookup.FindSame(present, made) is null)
        {
            // Nobody else can have this manifest, so what a collection is deleting does not matter.
            await active.ProtectAsync([CatalogFiles.ManifestPath(made.Manifest)], cancellationToken).ConfigureAwait(false);
            await _files.WriteManifestAsync(made.Manifest, manifest, cancellationToken).ConfigureAwait(false);
            await _state.NoteFingerprintAsync(fingerprint, name, cancellationToken).ConfigureAwait(false);
        }

        await active.CommitAsync(
            document =>
            {
                var (changed, version) = CatalogLookup.Add(document, made, registration);
                made = version;
                return changed;
            },
            cancellationToken).ConfigureAwait(false);
        return made.ToVersion(name);
    }

    private async Task<DatasetVersion> ResolveFingerprintAsync(string fingerprint, CancellationToken cancellationToken)
    {
        DatasetVersion? found = null;
        await foreach (var (_, name, _) in _state.ListFingerprintsAsync(fingerprint, cancellationToken).ConfigureAwait(false))
        {
            if (await _state.FindAsync(name, cancellationToken).ConfigureAwait(false) is { } document) found = CatalogLookup.Latest(found, name, document, fingerprint);
        }

        // Notes on fingerprints make it fast; a note may be missing after a process was killed.
        if (found is null)
        {
            await foreach (var (name, document) in _state.ListAsync(cancellationToken).ConfigureAwait(false)) found = CatalogLookup.Latest(found, name, document, fingerprint);
        }

        return found ?? throw new EntityNotFoundException("dataset", fingerprint, $"No version of any dataset has the fingerprint '{fingerprint}'. Fingerprints are of rows in their order; list the versions of a dataset to see theirs.");
    }

    private async Task<DatasetDocument> GetDocumentAsync(string name, CancellationToken cancellationToken)
    {
        if (await _state.FindAsync(name, cancellationToken).ConfigureAwait(false) is { Next: > 1 } document) return document;
        var names = await _state.ListAsync(cancellationToken).Where(listed => listed.Document.Next > 1).Select(listed => listed.Name).Take(CatalogLookup.Shown + 1).ToListAsync(cancellationToken).ConfigureAwait(false);
        throw new EntityNotFoundException("dataset", name, $"There is no dataset '{name}'. {CatalogLookup.List("The datasets are", names)}");
    }
}
