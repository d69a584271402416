using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>Another dataset, whose rows are read once, at first use, and then kept in memory.</summary>
internal sealed class CacheOperator : DatasetOperator
{
    private readonly SharedTask<InMemoryDataset> _rows;

    public CacheOperator(IDataset source)
        : base(source.Name, source.Schema) => _rows = new SharedTask<InMemoryDataset>(cancellationToken => source.ToMemoryAsync(cancellationToken));

    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = await _rows.GetAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var batch in ReadSourceAsync(rows, [.. NamesOf(wanted)], batchRows, cancellationToken).ConfigureAwait(false)) yield return batch;
    }
}
