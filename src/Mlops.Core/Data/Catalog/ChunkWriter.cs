using System.Security.Cryptography;

namespace Mlops.Data;

/// <summary>Cuts rows into chunks and stores those that are not there yet.</summary>
internal sealed class ChunkWriter(DataSchema schema, CatalogFiles files, ActiveRegistration registration, ChunkCompression compression, TimeProvider time)
{
    private const int GroupChunks = 64;
    private const int GroupBytes = 8 << 20;
    private const int WritesAtOnce = 4;

    private readonly ContentChunker _chunker = new();
    private readonly RowHasher _hasher = new();
    private readonly PayloadWriter _payload = new();
    private readonly List<RowRange> _rows = [];
    private readonly Dictionary<string, EncodedChunk> _group = new(StringComparer.Ordinal);
    private readonly List<ManifestChunk> _chunks = [];
    private long _groupBytes;

    /// <summary>Gets the chunks so far, in the order of rows.</summary>
    public IReadOnlyList<ManifestChunk> Chunks => _chunks;

    public async Task AddAsync(DataBatch batch, CancellationToken cancellationToken)
    {
        foreach (var (start, end, isWhole) in Cut(batch))
        {
            _rows.Add(new RowRange(batch, start, end - start));
            if (!isWhole) continue;
            Encode();
            if (_group.Count >= GroupChunks || _groupBytes >= GroupBytes) await StoreAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_rows.Count > 0) Encode();
        if (_group.Count > 0) await StoreAsync(cancellationToken).ConfigureAwait(false);
    }

    private List<(int Start, int End, bool IsWhole)> Cut(DataBatch batch)
    {
        var parts = new List<(int Start, int End, bool IsWhole)>();
        _hasher.Hash(batch, out var hashes, out var sizes);
        var start = 0;
        for (var row = 0; row < hashes.Length; row++)
        {
            if (!_chunker.Add(hashes[row], sizes[row])) continue;
            parts.Add((start, row + 1, true));
            start = row + 1;
        }

        if (start < batch.RowCount) parts.Add((start, batch.RowCount, false));
        return parts;
    }

    private void Encode()
    {
        _payload.Clear();
        DataBatchCodec.Encode(schema, _rows, _payload);
        var rows = _rows.Sum(range => range.Count);
        _rows.Clear();
        var digest = SHA256.HashData(_payload.Written);
        var id = Convert.ToHexStringLower(digest);
        if (!_group.TryGetValue(id, out var chunk))
        {
            chunk = new EncodedChunk(id, rows, _payload.Written.Length, ChunkFrame.Write(_payload.Written, digest, compression, Ids.CreateGuid(time)));
            _group.Add(id, chunk);
            _groupBytes += chunk.Frame.Length;
        }

        _chunks.Add(new ManifestChunk(id, rows, chunk.ContentLength, chunk.Frame.Length));
    }

    /// <summary>Protects the chunks of the group before it looks whether they are there, and only then relies on those that are.</summary>
    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        var doomed = await registration.ProtectAsync([.. _group.Keys.Select(CatalogFiles.ChunkPath)], cancellationToken).ConfigureAwait(false);
        var options = new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_group.Values, options, async (chunk, token) => await files.EnsureAsync(chunk, doomed, token).ConfigureAwait(false)).ConfigureAwait(false);
        _group.Clear();
        _groupBytes = 0;
    }
}
