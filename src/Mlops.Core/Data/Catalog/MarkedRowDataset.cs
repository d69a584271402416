using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>Some rows of a version, read from its chunks.</summary>
internal sealed class MarkedRowDataset(string name, CatalogDataset source, RowMarks marks) : IDataset
{
    public string Name => name;

    public DataSchema Schema => source.Schema;

    public IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ReadOptions();
        options.Check();
        var columns = options.Columns is null ? [.. Enumerable.Range(0, Schema.Count)] : options.Columns.Select(Schema.IndexOf).ToArray();
        return ReadAsync(columns, options.Columns is null ? Schema : Schema.Select(options.Columns), options.BatchRows, cancellationToken);
    }

    private async IAsyncEnumerable<DataBatch> ReadAsync(int[] columns, DataSchema selected, int batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < marks.Chunks.Count; i++)
        {
            var rows = marks.RowsOf(i);
            if (rows.Length == 0) continue;
            var batch = await source.ReadChunksAsync([marks.Chunks[i]], columns, selected, cancellationToken).ConfigureAwait(false);
            for (var start = 0; start < rows.Length; start += batchRows) yield return batch.Take(rows.AsSpan(start, Math.Min(batchRows, rows.Length - start)));
        }
    }
}
