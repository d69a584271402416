namespace Mlops.Data;

/// <summary>All rows of a read in memory, as one batch.</summary>
internal static class RowTable
{
    /// <summary>Reads all rows.</summary>
    /// <param name="rows">The read.</param>
    /// <param name="schema">The schema of its batches.</param>
    /// <param name="maximumRows">The most rows allowed.</param>
    /// <param name="excess">What is wrong, and what to do, when there are more.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="InvalidOperationException">There are more rows than allowed, or than fit in one column.</exception>
    public static async Task<DataBatch> ReadAsync(IAsyncEnumerable<DataBatch> rows, DataSchema schema, long maximumRows, string excess, CancellationToken cancellationToken)
    {
        var batches = new List<DataBatch>();
        long count = 0;
        await foreach (var batch in rows.ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            count += batch.RowCount;
            if (count > maximumRows) throw new InvalidOperationException(excess);
            batches.Add(batch);
        }

        return DataBatch.Concat(schema, batches);
    }
}
