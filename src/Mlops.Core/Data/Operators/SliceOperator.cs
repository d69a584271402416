using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>Consecutive rows of another dataset, which is read no further than needed.</summary>
/// <param name="source">The other dataset.</param>
/// <param name="skip">The number of rows before the first.</param>
/// <param name="take">The most rows.</param>
internal sealed class SliceOperator(IDataset source, long skip, long take) : DatasetOperator(source.Name, source.Schema)
{
    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (toSkip, toTake) = (skip, take);
        if (toTake == 0) yield break;
        // A source need not make a whole batch for a few rows.
        var size = skip == 0 && take < (batchRows ?? ReadOptions.DefaultBatchRows) ? (int)take : batchRows;
        await foreach (var batch in ReadSourceAsync(source, [.. NamesOf(wanted)], size, cancellationToken).ConfigureAwait(false))
        {
            var start = (int)Math.Min(toSkip, batch.RowCount);
            var length = (int)Math.Min(toTake, batch.RowCount - start);
            toSkip -= start;
            toTake -= length;
            if (length > 0) yield return batch.Rows(start, length);
            if (toTake == 0) yield break;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
