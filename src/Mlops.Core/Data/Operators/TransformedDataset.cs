using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>A dataset whose batches are made from another one's, as they are read.</summary>
internal sealed class TransformedDataset(string name, DataSchema schema, IDataset source, Func<DataBatch, DataBatch> transform) : IDataset
{
    public string Name => name;

    public DataSchema Schema => schema;

    public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The transformation may need columns that the reader does not want, so they are taken away afterwards.
        var sourceOptions = options?.Columns is null ? options : new ReadOptions { BatchRows = options.BatchRows };
        await foreach (var batch in source.ReadAsync(sourceOptions, cancellationToken).ConfigureAwait(false))
        {
            var made = transform(batch);
            if (made.RowCount > 0) yield return options?.Columns is null ? made : made.Select(options.Columns);
        }
    }
}
