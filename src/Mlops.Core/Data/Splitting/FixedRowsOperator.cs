using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>Another dataset that must still have as many rows as when it was split: otherwise rows would silently change sides.</summary>
internal sealed class FixedRowsOperator(IDataset source, long rows) : DatasetOperator(source.Name, source.Schema)
{
    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long seen = 0;
        await foreach (var batch in ReadSourceAsync(source, [.. NamesOf(wanted)], batchRows, cancellationToken).ConfigureAwait(false))
        {
            seen += batch.RowCount;
            if (seen > rows) throw Changed("more");
            yield return batch;
        }

        if (seen < rows) throw Changed($"only {seen}");
    }

    private EntityConflictException Changed(string now) => new(
        "dataset", Name, $"Dataset '{Name}' had {rows} rows when it was split and has {now} now. Split it again, or split what does not change: a registered version, or the rows in memory (ToMemoryAsync).");
}
