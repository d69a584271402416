namespace Mlops.Data;

/// <summary>Numbers the values of one column, row by row.</summary>
/// <param name="dataset">The name of the dataset, for errors.</param>
/// <param name="column">The column.</param>
internal abstract class RowCoder(string dataset, ColumnSchema column)
{
    private readonly List<long> _counts = [];
    private int[] _codes = [];

    /// <summary>Gets the column.</summary>
    public ColumnSchema Column => column;

    /// <summary>Gets each row's number.</summary>
    public PackedCodes Codes { get; } = new();

    /// <summary>Gets the number of rows of each number.</summary>
    public IReadOnlyList<long> Counts => _counts;

    protected string Dataset => dataset;

    /// <summary>Reads the columns of some coders in one pass.</summary>
    public static async Task ReadAsync(IDataset dataset, IReadOnlyList<RowCoder> coders, CancellationToken cancellationToken)
    {
        var columns = coders.Select(coder => coder.Column.Name).Distinct(StringComparer.Ordinal).ToArray();
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = columns }, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var coder in coders) coder.Add(batch[coder.Column.Name]);
        }

        foreach (var coder in coders) coder.Finish();
    }

    /// <summary>Numbers the rows of a batch.</summary>
    protected abstract void Code(Column values, Span<int> codes);

    /// <summary>Throws when the column as a whole is of no use.</summary>
    protected abstract void Finish();

    private void Add(Column values)
    {
        if (_codes.Length < values.Length) _codes = new int[values.Length];
        var codes = _codes.AsSpan(0, values.Length);
        Code(values, codes);
        foreach (var code in codes)
        {
            while (_counts.Count <= code) _counts.Add(0);
            _counts[code]++;
        }

        Codes.Add(codes);
    }
}
