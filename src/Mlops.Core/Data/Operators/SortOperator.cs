using System.Globalization;
using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>The rows of another dataset in another order.</summary>
/// <remarks>Every read holds the wanted columns of all rows in memory, and gives up when there are more rows than allowed.</remarks>
internal sealed class SortOperator(IDataset source, IReadOnlyList<SortKey> keys, int maximumRows) : DatasetOperator(source.Name, source.Schema)
{
    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var needed = Needed(source, NamesOf(wanted).Concat(keys.Select(key => key.Column)));
        var excess = string.Create(CultureInfo.InvariantCulture, $"'{source.Name}' has more than {maximumRows} rows, the most that may be sorted in memory here. Raise maximumRows, or keep fewer rows before sorting.");
        var table = await RowTable.ReadAsync(ReadSourceAsync(source, needed, null, cancellationToken), source.Schema.Select(needed), maximumRows, excess, cancellationToken).ConfigureAwait(false);
        var order = SortOrder.Find(table, keys, cancellationToken);
        table = BatchProjection.Of(needed, wanted).Apply(table);
        var size = batchRows ?? ReadOptions.DefaultBatchRows;
        for (long start = 0; start < order.Length; start += size)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return table.Take(order.AsSpan((int)start, (int)Math.Min(size, order.Length - start)));
        }
    }
}
