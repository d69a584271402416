using System.Runtime.InteropServices;

namespace Mlops.Data;

/// <summary>Compares two versions in the chunks that only one of them has: what both have cancels out.</summary>
internal sealed class DatasetComparer
{
    private readonly CatalogDataset _before;
    private readonly CatalogDataset _after;
    private readonly string[] _key;
    private readonly string[] _common;
    private readonly RowMarks _removed;
    private readonly RowMarks _changedBefore;
    private readonly RowMarks _added;
    private readonly RowMarks _changedAfter;

    public DatasetComparer(CatalogDataset before, CatalogDataset after, IReadOnlyList<string> key)
    {
        (_before, _after, _key) = (before, after, [.. key]);
        foreach (var name in _key)
        {
            var (old, present) = (before.Schema[name], after.Schema[name]);
            if (!HaveSameValues(old, present))
                throw new ArgumentException($"The key column '{name}' is {old.Type} × {old.Width} in '{before.Name}' and {present.Type} × {present.Width} in '{after.Name}'; compare by another key, or by whole rows.", nameof(key));
        }

        _common = [.. after.Schema.Where(column => before.Schema.TryIndexOf(column.Name, out var index) && HaveSameValues(before.Schema[index], column)).Select(column => column.Name)];
        if (_common.Length == 0) throw new ArgumentException($"'{before.Name}' and '{after.Name}' have no column of the same name and type, by which rows could be compared.", nameof(after));
        var (only, onlyAfter) = FindUnshared();
        (_removed, _changedBefore, _added, _changedAfter) = (new RowMarks(only), new RowMarks(only), new RowMarks(onlyAfter), new RowMarks(onlyAfter));
    }

    public async Task<DatasetDiff> CompareAsync(CancellationToken cancellationToken)
    {
        if (_key.Length > 0) await CompareByKeyAsync(cancellationToken).ConfigureAwait(false);
        else await CompareWholeRowsAsync(cancellationToken).ConfigureAwait(false);
        var between = $"between {_before.Name} and {_after.Name}";
        return new DatasetDiff(_before.Version, _after.Version)
        {
            Key = _key,
            SchemaChanges = FindSchemaChanges(),
            AddedCount = _added.Count,
            RemovedCount = _removed.Count,
            ChangedCount = _changedAfter.Count,
            Added = new MarkedRowDataset($"added {between}", _after, _added),
            Removed = new MarkedRowDataset($"removed {between}", _before, _removed),
            ChangedBefore = new MarkedRowDataset($"changed {between}, before", _before, _changedBefore),
            ChangedAfter = new MarkedRowDataset($"changed {between}, after", _after, _changedAfter),
        };
    }

    private static bool HaveSameValues(ColumnSchema one, ColumnSchema other) => (one.Name, one.Type, one.Width) == (other.Name, other.Type, other.Width);

    /// <summary>Finds the chunks that one version has more often than the other.</summary>
    private (ManifestChunk[] Before, ManifestChunk[] After) FindUnshared()
    {
        // The names of columns are not part of a chunk, so equal chunks are equal rows only where the columns are the same.
        var isSame = _before.Schema.Count == _after.Schema.Count && _before.Schema.Zip(_after.Schema).All(pair => HaveSameValues(pair.First, pair.Second));
        return isSame ? (Without(_before.Chunks, _after.Chunks), Without(_after.Chunks, _before.Chunks)) : ([.. _before.Chunks], [.. _after.Chunks]);
    }

    private static ManifestChunk[] Without(IReadOnlyList<ManifestChunk> chunks, IReadOnlyList<ManifestChunk> others)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var chunk in others) CollectionsMarshal.GetValueRefOrAddDefault(counts, chunk.Id, out _)++;
        var rest = new List<ManifestChunk>();
        foreach (var chunk in chunks)
        {
            if (counts.TryGetValue(chunk.Id, out var count) && count > 0) counts[chunk.Id] = count - 1;
            else rest.Add(chunk);
        }

        return [.. rest];
    }

    private async Task CompareByKeyAsync(CancellationToken cancellationToken)
    {
        var rows = new Dictionary<UInt128, KeyedRow>();
        var twice = 0L;
        await ReadAsync(_before, _removed.Chunks, (position, key, row) => twice += rows.TryAdd(key, new KeyedRow(row, position, false)) ? 0 : 1, cancellationToken).ConfigureAwait(false);
        ThrowIfNotUnique(_before, twice);

        var added = new HashSet<UInt128>();
        await ReadAsync(
            _after,
            _added.Chunks,
            (position, key, row) =>
            {
                ref var old = ref CollectionsMarshal.GetValueRefOrNullRef(rows, key);
                if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref old))
                {
                    if (added.Add(key)) _added.Add(position);
                    else twice++;
                    return;
                }

                if (old.IsSeen) twice++;
                else if (old.Row != row)
                {
                    _changedBefore.Add(old.Position);
                    _changedAfter.Add(position);
                }

                old = old with { IsSeen = true };
            },
            cancellationToken).ConfigureAwait(false);
        ThrowIfNotUnique(_after, twice);
        foreach (var old in rows.Values)
        {
            if (!old.IsSeen) _removed.Add(old.Position);
        }
    }

    private async Task CompareWholeRowsAsync(CancellationToken cancellationToken)
    {
        // For each row the last one like it, and for that the one before it.
        var last = new Dictionary<UInt128, int>();
        var rows = new List<(RowPosition Position, int Earlier)>();
        await ReadAsync(
            _before,
            _removed.Chunks,
            (position, _, row) =>
            {
                ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(last, row, out var exists);
                rows.Add((position, exists ? index : -1));
                index = rows.Count - 1;
            },
            cancellationToken).ConfigureAwait(false);
        await ReadAsync(
            _after,
            _added.Chunks,
            (position, _, row) =>
            {
                ref var index = ref CollectionsMarshal.GetValueRefOrNullRef(last, row);
                if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref index) || index < 0) _added.Add(position);
                else index = rows[index].Earlier;
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var rest in last.Values)
        {
            for (var index = rest; index >= 0; index = rows[index].Earlier) _removed.Add(rows[index].Position);
        }
    }

    /// <summary>Reads the digests of keys and of rows, in the columns that both versions have.</summary>
    private async Task ReadAsync(CatalogDataset dataset, IReadOnlyList<ManifestChunk> chunks, Action<RowPosition, UInt128, UInt128> take, CancellationToken cancellationToken)
    {
        var selected = dataset.Schema.Select(_common);
        int[] columns = [.. _common.Select(dataset.Schema.IndexOf)];
        var keys = new RowIdentity([.. _key.Select(selected.IndexOf)]);
        var rows = new RowIdentity([.. Enumerable.Range(0, columns.Length)]);
        for (var chunk = 0; chunk < chunks.Count; chunk++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = await dataset.ReadChunksAsync([chunks[chunk]], columns, selected, cancellationToken).ConfigureAwait(false);
            var (keyDigests, rowDigests) = (new UInt128[batch.RowCount], new UInt128[batch.RowCount]);
            if (_key.Length > 0) keys.Compute(batch, keyDigests);
            rows.Compute(batch, rowDigests);
            for (var row = 0; row < batch.RowCount; row++) take(new RowPosition(chunk, row), keyDigests[row], rowDigests[row]);
        }
    }

    private void ThrowIfNotUnique(CatalogDataset dataset, long twice)
    {
        if (twice == 0) return;
        var key = string.Join(", ", _key);
        throw new EntityConflictException(
            "key",
            key,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The columns '{key}' do not identify the rows of '{dataset.Name}': {twice} rows have the key of another one. Compare by more columns, or by whole rows with an empty key."));
    }

    private DatasetSchemaChange[] FindSchemaChanges()
    {
        var (before, after) = (_before.Schema, _after.Schema);
        var changed = after.Select(column => new DatasetSchemaChange(column.Name, before.TryIndexOf(column.Name, out var index) ? before[index] : null, column)).Where(change => change.Before != change.After);
        var removed = before.Where(column => !after.TryIndexOf(column.Name, out _)).Select(column => new DatasetSchemaChange(column.Name, column, null));
        return [.. changed, .. removed];
    }

    private readonly record struct KeyedRow(UInt128 Row, RowPosition Position, bool IsSeen);
}
