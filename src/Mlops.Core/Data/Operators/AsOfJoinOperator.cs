using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>The rows of a dataset, each beside the row of another that is nearest in time.</summary>
/// <remarks>Every read holds the right side's wanted columns in memory and streams the left side, which need not be sorted.</remarks>
internal sealed class AsOfJoinOperator(IDataset left, IDataset right, string on, AsOfJoinOptions options, JoinSchema columns) : DatasetOperator(left.Name, columns.Schema)
{
    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] keyColumns = [.. options.By, on];
        var (leftSide, rightSide) = (columns.LeftOf(left, wanted, keyColumns), columns.RightOf(right, wanted, keyColumns));
        var table = await RowTable.ReadAsync(
            ReadSourceAsync(right, rightSide.Columns, null, cancellationToken), rightSide.Schema, Array.MaxLength,
            $"'{right.Name}' has more than {Array.MaxLength} rows, the most that the right side of a join can have.", cancellationToken).ConfigureAwait(false);
        var index = new AsOfIndex(rightSide.ToKeys(options.By).Apply(table), table[rightSide.Schema.IndexOf(on)]);
        table = rightSide.ToWanted.Apply(table);

        var toKeys = leftSide.ToKeys(options.By);
        var time = leftSide.Schema.IndexOf(on);
        await foreach (var batch in ReadSourceAsync(left, leftSide.Columns, batchRows, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return JoinSchema.Combine(wanted, leftSide, batch, default, rightSide, table, Match(index, toKeys.Apply(batch), batch[time]));
        }
    }

    private int[] Match(AsOfIndex index, DataBatch keys, Column time)
    {
        var moments = AsOfIndex.TicksOf(time);
        var rows = new int[moments.Length];
        index.Find(keys, rows);
        for (var row = 0; row < rows.Length; row++) rows[row] = index.Find(rows[row], moments[row], options);
        return rows;
    }
}
