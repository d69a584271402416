using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Takes fewer rows of a sample.</summary>
internal static class SampleRows
{
    /// <summary>Takes so many rows, each equally likely, in their order.</summary>
    public static DataBatch Take(DataBatch sample, int count, ulong seed)
    {
        if (sample.RowCount <= count) return sample;
        var random = new SplitMix64(seed);
        var (taken, needed) = (new int[count], count);
        // Row by row, with the chance that it is among those still needed of those still to come.
        for (var row = 0; needed > 0; row++)
        {
            if (random.Next((ulong)(sample.RowCount - row)) < (ulong)needed) taken[count - needed--] = row;
        }

        return sample.Take(taken);
    }
}
