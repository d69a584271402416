using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>So many rows of another dataset, each equally likely, in their order.</summary>
internal sealed class ReservoirOperator(IDataset source, int count, ulong seed) : DatasetOperator(source.Name, source.Schema)
{
    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reservoir = new RowReservoir(wanted, count, seed);
        await foreach (var batch in ReadSourceAsync(source, [.. NamesOf(wanted)], null, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            reservoir.Add(batch);
        }

        var sample = reservoir.ToBatch();
        var size = batchRows ?? ReadOptions.DefaultBatchRows;
        for (long start = 0; start < sample.RowCount; start += size)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return sample.Rows((int)start, (int)Math.Min(size, sample.RowCount - start));
        }
    }
}
