using System.Runtime.CompilerServices;
using System.Text.Json;
using Mlops.Artifacts;
using Mlops.State;

namespace Mlops.Data;

/// <summary>What a catalog keeps in the state store: datasets, what registrations protect, and what a collection is deleting.</summary>
internal sealed class CatalogState(IStateStore state, TimeProvider time)
{
    private const string Datasets = "datasets/";
    private const string Protections = "dataset-registrations/";
    private const string Fingerprints = "dataset-fingerprints/";
    private const string Sweep = "dataset-sweep";

    private static readonly CatalogDocumentsJson s_json = CatalogDocumentsJson.Default;

    public DateTimeOffset Now => time.GetUtcNow();

    public string CreateId() => Ids.Create(time);

    public async Task<DatasetDocument?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var entry = await state.GetAsync(Datasets + name, cancellationToken).ConfigureAwait(false);
        return entry is null ? null : ReadDataset(entry);
    }

    /// <summary>Lists the datasets, ordered by name.</summary>
    public async IAsyncEnumerable<(string Name, DatasetDocument Document)> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in state.ListAsync(Datasets, cancellationToken).ConfigureAwait(false)) yield return (entry.Key[Datasets.Length..], ReadDataset(entry));
    }

    /// <summary>Changes a dataset atomically.</summary>
    /// <param name="name">The dataset; a new one is blank.</param>
    /// <param name="change">Makes the new document of the present one, again when somebody else was faster; <see langword="null"/> to leave it. What it throws ends the attempt.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task UpdateAsync(string name, Func<DatasetDocument, DatasetDocument?> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = await state.GetAsync(Datasets + name, cancellationToken).ConfigureAwait(false);
            if (change(entry is null ? new DatasetDocument() : ReadDataset(entry)) is not { } changed) return;
            // What is blank is taken away rather than kept: a registration that failed leaves nothing.
            ReadOnlyMemory<byte>? value = changed.IsBlank ? default(ReadOnlyMemory<byte>?) : JsonSerializer.SerializeToUtf8Bytes(changed, s_json.DatasetDocument);
            if (await state.CompareAndSetAsync(Datasets + name, value, entry?.ETag, cancellationToken).ConfigureAwait(false)) return;
        }
    }

    /// <summary>Notes the files that a registration is about to rely on.</summary>
    public async Task ProtectAsync(string registration, int number, string[] paths, CancellationToken cancellationToken)
    {
        var key = ProtectionKey(registration, number);
        if (!await state.CompareAndSetAsync(key, JsonSerializer.SerializeToUtf8Bytes(paths, s_json.StringArray), null, cancellationToken).ConfigureAwait(false))
            throw new StorageException("dataset catalog", "protect chunks", $"There is a note '{key}' already in the state store, which only this registration writes; register again.");
    }

    /// <summary>Forgets what a registration protected, after it was committed or given up.</summary>
    public async Task UnprotectAsync(string registration, int count, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= count; number++)
        {
            if (await state.GetAsync(ProtectionKey(registration, number), cancellationToken).ConfigureAwait(false) is { } entry) await DeleteAsync(entry, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Lists what registrations protect, dead ones included.</summary>
    public async Task<List<(string Registration, string[] Paths, StateEntry Entry)>> ListProtectionsAsync(CancellationToken cancellationToken)
    {
        var found = new List<(string Registration, string[] Paths, StateEntry Entry)>();
        await foreach (var entry in state.ListAsync(Protections, cancellationToken).ConfigureAwait(false))
        {
            var registration = entry.Key[Protections.Length..].Split('/')[0];
            found.Add((registration, Read(entry, s_json.StringArray), entry));
        }

        return found;
    }

    public Task<bool> DeleteAsync(StateEntry entry, CancellationToken cancellationToken) => state.CompareAndSetAsync(entry.Key, null, entry.ETag, cancellationToken);

    /// <summary>Notes that a dataset has, or is about to have, a version of a fingerprint.</summary>
    public Task<bool> NoteFingerprintAsync(string fingerprint, string name, CancellationToken cancellationToken)
        => state.CompareAndSetAsync($"{Fingerprints}{fingerprint}/{name}", "1"u8.ToArray(), null, cancellationToken);

    /// <summary>Lists the notes on fingerprints; some may be of versions that are gone, or never came to be.</summary>
    /// <param name="fingerprint">The fingerprint; all when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    public async IAsyncEnumerable<(string Fingerprint, string Name, StateEntry Entry)> ListFingerprintsAsync(string? fingerprint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = fingerprint is null ? Fingerprints : $"{Fingerprints}{fingerprint}/";
        await foreach (var entry in state.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            var parts = entry.Key[Fingerprints.Length..].Split('/', 2);
            if (parts.Length == 2) yield return (parts[0], parts[1], entry);
        }
    }

    /// <summary>Gets what a collection is deleting at the moment.</summary>
    public async Task<(SweepDocument Sweep, string? ETag)> GetSweepAsync(CancellationToken cancellationToken)
    {
        var entry = await state.GetAsync(Sweep, cancellationToken).ConfigureAwait(false);
        return entry is null ? (new SweepDocument([]), null) : (Read(entry, s_json.SweepDocument), entry.ETag);
    }

    /// <summary>Says what a collection is deleting from now on.</summary>
    /// <returns>Whether it is up; <see langword="false"/> when somebody else has changed what was up.</returns>
    public Task<bool> TrySetSweepAsync(Artifact[] files, string? expectedETag, CancellationToken cancellationToken)
        => state.CompareAndSetAsync(Sweep, JsonSerializer.SerializeToUtf8Bytes(new SweepDocument(files), s_json.SweepDocument), expectedETag, cancellationToken);

    private static string ProtectionKey(string registration, int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Protections}{registration}/{number:D6}");

    private static DatasetDocument ReadDataset(StateEntry entry) => Read(entry, s_json.DatasetDocument);

    private static T Read<T>(StateEntry entry, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(entry.Value.Span, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new StorageException("dataset catalog", "read state", $"'{entry.Key}' in the state store is not what the catalog wrote: {error.Message} Restore the state store from a copy.", error);
        }
    }
}
