using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Puts rows into two halves by a hash of seed and row number: the same halves for any sizes of batches, in any pass.</summary>
internal sealed class RowHalves(ulong seed)
{
    private readonly ulong _seed = SplitMix64.Mix(seed);
    private bool[] _isFirst = [];
    private int[] _rows = [];
    private long _next;

    /// <summary>Gets for each row of the batch shown last whether it is of the first half.</summary>
    public ReadOnlySpan<bool> IsFirst => _isFirst.AsSpan(0, RowCount);

    private int RowCount { get; set; }

    /// <summary>Turns to the next rows.</summary>
    public void Show(DataBatch batch)
    {
        RowCount = batch.RowCount;
        if (_isFirst.Length < RowCount) (_isFirst, _rows) = (new bool[RowCount], new int[RowCount]);
        for (var row = 0; row < RowCount; row++) _isFirst[row] = SplitMix64.At(_seed, (ulong)_next++) >> 63 == 0;
    }

    /// <summary>Takes the rows of one half.</summary>
    public DataBatch Take(DataBatch batch, bool first)
    {
        var count = 0;
        for (var row = 0; row < RowCount; row++)
        {
            if (_isFirst[row] == first) _rows[count++] = row;
        }

        return batch.Take(_rows.AsSpan(0, count));
    }
}
