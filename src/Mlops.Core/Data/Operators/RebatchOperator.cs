using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>The rows of another dataset in batches of one size.</summary>
internal sealed class RebatchOperator(IDataset source, int rows) : DatasetOperator(source.Name, source.Schema)
{
    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var size = Math.Min(rows, batchRows ?? rows);
        var parts = new List<DataBatch>();
        var pending = 0;
        await foreach (var batch in ReadSourceAsync(source, [.. NamesOf(wanted)], size, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var start = 0; start < batch.RowCount;)
            {
                var length = Math.Min(size - pending, batch.RowCount - start);
                parts.Add(batch.Rows(start, length));
                start += length;
                pending += length;
                if (pending < size) continue;
                yield return DataBatch.Concat(wanted, parts);
                parts.Clear();
                pending = 0;
            }
        }

        if (pending > 0) yield return DataBatch.Concat(wanted, parts);
    }
}
