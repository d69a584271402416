using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>The rows of a version in a catalog, read chunk by chunk; each chunk's digest is verified.</summary>
/// <remarks>
/// When the version is deleted, it can be read on until a garbage collection removes its chunks, which the grace period delays.
/// A batch has fewer rows than asked for where a portion of chunks ends.
/// </remarks>
public sealed class CatalogDataset : IDataset
{
    private const int BytesPerPortion = 8 << 20;

    private readonly CatalogFiles _files;
    private readonly int _parallelism;

    internal CatalogDataset(DatasetVersion version, DataSchema schema, IReadOnlyList<ManifestChunk> chunks, CatalogFiles files, int parallelism)
    {
        (Version, Schema, Chunks) = (version, schema, chunks);
        (_files, _parallelism) = (files, parallelism);
    }

    /// <summary>Gets the version.</summary>
    public DatasetVersion Version { get; }

    /// <summary>Gets the address of the version, <c>rides@3</c>, as the name.</summary>
    public string Name => Version.Address;

    /// <inheritdoc/>
    public DataSchema Schema { get; }

    /// <summary>Gets the number of rows.</summary>
    public long RowCount => Version.RowCount;

    internal IReadOnlyList<ManifestChunk> Chunks { get; }

    /// <summary>Makes the reference that runs and lineage keep, without reading the rows.</summary>
    /// <returns>The reference; its digest is the fingerprint of the rows.</returns>
    public DatasetReference ToReference() => new(Name, Version.Fingerprint, Version.RowCount, Schema, Version.Source);

    /// <inheritdoc/>
    /// <exception cref="StorageException">A chunk is missing, or is not what was written; the message names it.</exception>
    public IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ReadOptions();
        options.Check();
        var columns = options.Columns is null ? [.. Enumerable.Range(0, Schema.Count)] : options.Columns.Select(Schema.IndexOf).ToArray();
        var selected = options.Columns is null ? Schema : Schema.Select(options.Columns);
        var portions = Portions(options.BatchRows).Select(Func<CancellationToken, IAsyncEnumerable<DataBatch>> (portion) => token => ReadPortionAsync(portion, columns, selected, options.BatchRows, token));
        return ReadPortionsAsync(portions, cancellationToken);
    }

    /// <summary>Reads the rows of some chunks.</summary>
    internal async Task<DataBatch> ReadChunksAsync(IReadOnlyList<ManifestChunk> chunks, int[] columns, DataSchema selected, CancellationToken cancellationToken)
    {
        var payloads = new ReadOnlyMemory<byte>[chunks.Count];
        for (var i = 0; i < payloads.Length; i++) payloads[i] = await _files.ReadChunkAsync(chunks[i], Name, cancellationToken).ConfigureAwait(false);
        var batch = DataBatchCodec.Decode(Schema, columns, selected, payloads, chunks.Count == 1 ? CatalogFiles.ChunkPath(chunks[0].Id) : Name);
        return columns.Length == 0 || batch.RowCount == chunks.Sum(chunk => chunk.Rows) ? batch
            : throw new StorageException("dataset catalog", "read chunk", $"Chunks of '{Name}' hold other numbers of rows than its manifest says, beginning with '{CatalogFiles.ChunkPath(chunks[0].Id)}'. Do not use it; register the data again.");
    }

    private async IAsyncEnumerable<DataBatch> ReadPortionsAsync(IEnumerable<Func<CancellationToken, IAsyncEnumerable<DataBatch>>> portions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await foreach (var batch in OrderedParallel.ReadAsync(portions.ToAsyncEnumerable(), _parallelism, cancellationToken).ConfigureAwait(false)) yield return batch;
    }

    private async IAsyncEnumerable<DataBatch> ReadPortionAsync(
        IReadOnlyList<ManifestChunk> chunks, int[] columns, DataSchema selected, int batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = await ReadChunksAsync(chunks, columns, selected, cancellationToken).ConfigureAwait(false);
        for (var start = 0; start < rows.RowCount; start += batchRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(batchRows, rows.RowCount - start);
            yield return count == rows.RowCount ? rows : start % 64 == 0 ? rows.Slice(start, count) : rows.Take([.. Enumerable.Range(start, count)]);
        }
    }

    /// <summary>Puts small chunks together, so that batches are not small because chunks are.</summary>
    private IEnumerable<IReadOnlyList<ManifestChunk>> Portions(int batchRows)
    {
        var (portion, rows, bytes) = (new List<ManifestChunk>(), 0L, 0L);
        foreach (var chunk in Chunks)
        {
            portion.Add(chunk);
            rows += chunk.Rows;
            bytes += chunk.Bytes;
            if (rows < batchRows && bytes < BytesPerPortion) continue;
            yield return portion;
            (portion, rows, bytes) = ([], 0, 0);
        }

        if (portion.Count > 0) yield return portion;
    }
}
