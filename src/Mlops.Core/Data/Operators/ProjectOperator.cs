using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>Columns of another dataset under names and roles of their own: selecting, dropping, renaming, giving roles.</summary>
/// <param name="source">The other dataset.</param>
/// <param name="name">The name.</param>
/// <param name="schema">The columns: any names and roles, but the types of the source's.</param>
/// <param name="origins">The name in the source of each column.</param>
internal sealed class ProjectOperator(IDataset source, string name, DataSchema schema, IReadOnlyList<string> origins) : DatasetOperator(name, schema)
{
    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] columns = [.. wanted.Select(column => origins[Schema.IndexOf(column.Name)])];
        var projection = new BatchProjection(wanted, [.. Enumerable.Range(0, columns.Length)]);
        await foreach (var batch in ReadSourceAsync(source, columns, batchRows, cancellationToken).ConfigureAwait(false))
            yield return projection.Apply(batch);
    }
}
