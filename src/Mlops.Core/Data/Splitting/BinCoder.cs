namespace Mlops.Data;

/// <summary>Numbers the rows of a column of numbers by quantiles: bins of about as many rows each, in which equal values stay together.</summary>
internal sealed class BinCoder : RowCoder
{
    // The first value of each bin but the first, as ordered bits.
    private readonly long[] _starts;
    private readonly int _missingNumber;

    private BinCoder(string dataset, ColumnSchema column, long[] starts)
        : base(dataset, column) => (_starts, _missingNumber) = (starts, starts.Length + 1);

    /// <summary>Finds the bins in a pass of its own. Rows without a value, and NaN, are a bin of their own.</summary>
    public static async Task<BinCoder> CreateAsync(IDataset dataset, ColumnSchema column, int bins, CancellationToken cancellationToken)
    {
        var values = new SortedCounts();
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = [column.Name] }, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bits = OrderedBits.Read(batch[0]);
            for (var row = 0; row < bits.Length; row++)
            {
                if (!IsMissing(batch[0], bits, row)) values.Add(Ordered(bits[row]));
            }
        }

        values.Finish();
        if (values.RowCount == 0)
            throw new DataFormatException(dataset.Name, 0, column.Name, "no row has a value, so that there is nothing to stratify by. Name another column, or split at random.");
        var cuts = Enumerable.Range(1, bins - 1).Select(bin => values.Nearest((long)((Int128)values.RowCount * bin / bins)));
        return new BinCoder(dataset.Name, column, [.. cuts.Where(cut => cut > 0 && cut < values.Values.Length).Distinct().Select(cut => values.Values[cut])]);
    }

    protected override void Code(Column values, Span<int> codes)
    {
        var bits = OrderedBits.Read(values);
        for (var row = 0; row < codes.Length; row++)
        {
            var found = _starts.AsSpan().BinarySearch(Ordered(bits[row]));
            codes[row] = IsMissing(values, bits, row) ? _missingNumber : found >= 0 ? found + 1 : ~found;
        }
    }

    protected override void Finish()
    {
    }

    private static bool IsMissing(Column column, ulong[] bits, int row) => column.IsNull(row) || (column.Type.IsFloatingPoint() && bits[row] == ulong.MaxValue);

    private static long Ordered(ulong bits) => (long)(bits ^ (1UL << 63));
}
