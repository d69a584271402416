using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Core.Tests.Data.Catalog;

/// <summary>A dataset during whose reading something happens, after some rows.</summary>
internal sealed class FailingDataset(IDataset rows, int after, Action happens) : IDataset
{
    public string Name => rows.Name;

    public DataSchema Schema => rows.Schema;

    public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var count = 0;
        await foreach (var batch in rows.ReadAsync(options, cancellationToken))
        {
            yield return batch;
            count += batch.RowCount;
            if (count >= after) happens();
        }
    }
}
