using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlops.Data;

/// <summary>The rows of a dataset beside those of another with equal keys.</summary>
/// <remarks>A hash join: every read holds the right side's wanted columns in memory and streams the left side.</remarks>
internal sealed class JoinOperator(IDataset left, IDataset right, IReadOnlyList<string> on, JoinKind kind, JoinSchema columns) : DatasetOperator(left.Name, columns.Schema)
{
    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (leftSide, rightSide) = (columns.LeftOf(left, wanted, on), columns.RightOf(right, wanted, on));
        var table = await RowTable.ReadAsync(
            ReadSourceAsync(right, rightSide.Columns, null, cancellationToken), rightSide.Schema, Array.MaxLength,
            $"'{right.Name}' has more than {Array.MaxLength} rows, the most that the right side of a join can have.", cancellationToken).ConfigureAwait(false);
        var index = new JoinIndex(rightSide.ToKeys(on).Apply(table), table.RowCount);
        table = rightSide.ToWanted.Apply(table);

        var toKeys = leftSide.ToKeys(on);
        var size = batchRows ?? ReadOptions.DefaultBatchRows;
        List<int> leftRows = [], rightRows = [];
        int[] keys = [];
        await foreach (var batch in ReadSourceAsync(left, leftSide.Columns, batchRows, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (keys.Length < batch.RowCount) keys = new int[batch.RowCount];
            index.Find(toKeys.Apply(batch), keys.AsSpan(0, batch.RowCount));
            for (var row = 0; row < batch.RowCount; row++)
            {
                var (next, end) = index.RangeOf(keys[row]);
                var isUnmatched = next == end && kind == JoinKind.Left;
                // A row with many matches may fill many batches.
                while (next < end || isUnmatched)
                {
                    leftRows.Add(row);
                    rightRows.Add(isUnmatched ? -1 : index.Rows[next]);
                    next++;
                    isUnmatched = false;
                    if (leftRows.Count < size) continue;
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return Combine(batch);
                }
            }

            if (leftRows.Count > 0) yield return Combine(batch);
        }

        DataBatch Combine(DataBatch batch)
        {
            var made = JoinSchema.Combine(wanted, leftSide, batch, CollectionsMarshal.AsSpan(leftRows), rightSide, table, CollectionsMarshal.AsSpan(rightRows));
            leftRows.Clear();
            rightRows.Clear();
            return made;
        }
    }
}
