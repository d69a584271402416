using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>Some of the rows of another dataset.</summary>
/// <param name="source">The other dataset.</param>
/// <param name="inputs">The columns that the decision needs, by which alone the source is read beyond what is wanted.</param>
/// <param name="begin">Begins the decisions of one read, which sees the rows in their order.</param>
internal sealed class FilterOperator(IDataset source, IReadOnlyList<string> inputs, Func<RowMask> begin) : DatasetOperator(source.Name, source.Schema)
{
    private readonly DataSchema _inputs = source.Schema.Select(inputs);

    protected override async IAsyncEnumerable<DataBatch> ReadCoreAsync(DataSchema wanted, int? batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var needed = Needed(source, NamesOf(wanted).Concat(inputs));
        var (toMask, toWanted) = (BatchProjection.Of(needed, _inputs), BatchProjection.Of(needed, wanted));
        var mask = begin();
        bool[] kept = [];
        int[] rows = [];
        await foreach (var batch in ReadSourceAsync(source, needed, batchRows, cancellationToken).ConfigureAwait(false))
        {
            if (kept.Length < batch.RowCount) (kept, rows) = (new bool[batch.RowCount], new int[batch.RowCount]);
            Array.Clear(kept);
            mask(toMask.Apply(batch), kept.AsSpan(0, batch.RowCount));
            var count = CollectRows(kept.AsSpan(0, batch.RowCount), rows);
            if (count == 0)
            {
                // Long stretches without a row must not outlast a cancellation.
                cancellationToken.ThrowIfCancellationRequested();
                continue;
            }

            var selected = toWanted.Apply(batch);
            yield return count == batch.RowCount ? selected : selected.Take(rows.AsSpan(0, count));
        }
    }

    private static int CollectRows(ReadOnlySpan<bool> kept, Span<int> rows)
    {
        var count = 0;
        for (var row = 0; row < kept.Length; row++)
        {
            // Without a branch: a mask that nobody can predict costs no more than another.
            rows[count] = row;
            count += kept[row] ? 1 : 0;
        }

        return count;
    }
}
