using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>Records what is asked of a dataset, and may fail or wait at a row.</summary>
internal sealed class RecordingDataset(IDataset source) : IDataset
{
    public string Name => source.Name;

    public DataSchema Schema => source.Schema;

    public ConcurrentQueue<ReadOptions?> Reads { get; } = [];

    public long RowsDelivered { get; private set; }

    /// <summary>Called before each batch.</summary>
    public Func<CancellationToken, Task> BeforeBatch { get; set; } = _ => Task.CompletedTask;

    /// <summary>The columns of the only read; all when null.</summary>
    public IReadOnlyList<string>? ColumnsRead => Reads.Single()?.Columns;

    public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Reads.Enqueue(options);
        await foreach (var batch in source.ReadAsync(options, cancellationToken))
        {
            await BeforeBatch(cancellationToken);
            RowsDelivered += batch.RowCount;
            yield return batch;
        }
    }
}
