using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>A dataset made from others as it is read. Holds no state of a read, so that any number of reads may run at once.</summary>
internal abstract class DatasetOperator(string name, DataSchema schema) : IDataset
{
    public string Name => name;

    public DataSchema Schema => schema;

    public IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options is null) return ReadNotEmptyAsync(schema, null, cancellationToken);
        options.Check();
        return ReadNotEmptyAsync(options.Columns is null ? schema : schema.Select(options.Columns), options.BatchRows, cancellationToken);
    }

    /// <summary>Reads rows; empty batches are left out afterwards.</summary>
    /// <param name="wanted">The columns to deliver: some of <see cref="Schema"/>, in any order, at least one.</param>
    /// <param name="batchRows">The most rows of a batch; <see langword="null"/> where the reader leaves it to the dataset.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    protected abstract IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, CancellationToken cancellationToken);

    /// <summary>Reads some columns of a source.</summary>
    protected static IAsyncEnumerable<DataBatch> ReadSourceAsync(IDataset source, IReadOnlyList<string> columns, int? batchRows, CancellationToken cancellationToken)
    {
        var isAll = columns.SequenceEqual(source.Schema.Select(column => column.Name), StringComparer.Ordinal);
        var options = isAll && batchRows is null
            ? null
            : new ReadOptions { Columns = isAll ? null : columns, BatchRows = batchRows ?? ReadOptions.DefaultBatchRows };
        return source.ReadAsync(options, cancellationToken);
    }

    /// <summary>Lists the columns that a source must deliver: in its own order when all are needed.</summary>
    protected static IReadOnlyList<string> Needed(IDataset source, IEnumerable<string> columns)
    {
        var needed = columns.Distinct(StringComparer.Ordinal).ToArray();
        return needed.Length == source.Schema.Count ? [.. source.Schema.Select(column => column.Name)] : needed;
    }

    protected static IEnumerable<string> NamesOf(DataSchema columns) => columns.Select(column => column.Name);

    private async IAsyncEnumerable<DataBatch> ReadNotEmptyAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (wanted.Count == 0) yield break;
        await foreach (var batch in ReadCoreAsync(wanted, batchRows, cancellationToken).ConfigureAwait(false))
        {
            if (batch.RowCount > 0) yield return batch;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
