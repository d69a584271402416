using System.Globalization;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Describes rows that follow each other, so many at a time.</summary>
internal static class RowChunker
{
    private const int MaximumChunks = 100_000;

    /// <param name="dataset">The dataset.</param>
    /// <param name="getEnd">Gets the number of the first row after a chunk.</param>
    /// <param name="shortChunk">What becomes of the last rows when there are too few.</param>
    /// <param name="options">How exactly rows are described.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<ChunkedProfiles> ProfileAsync(IDataset dataset, Func<int, long> getEnd, ShortChunk shortChunk, DatasetProfileOptions options, CancellationToken cancellationToken)
    {
        var chunks = new List<ChunkProfile>();
        var profile = new DatasetProfile(dataset.Schema, options);
        long first = 0, next = 0, left = 0;
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var row = 0; row < batch.RowCount;)
            {
                var end = getEnd(chunks.Count);
                var rows = (int)Math.Min(batch.RowCount - row, end - next);
                profile.Add(rows == batch.RowCount ? batch : batch.Take([.. Enumerable.Range(row, rows)]));
                row += rows;
                next += rows;
                if (next < end) continue;
                if (chunks.Count == MaximumChunks) throw new InvalidOperationException($"Dataset '{dataset.Name}' gives more than {MaximumChunks} chunks. Take more rows for each.");
                chunks.Add(Make(chunks.Count, first, next, profile));
                first = next;
                profile = new DatasetProfile(dataset.Schema, options);
            }
        }

        if (next == first) return new ChunkedProfiles(chunks, 0);
        if (shortChunk == ShortChunk.Drop)
        {
            left = next - first;
        }
        else if (shortChunk == ShortChunk.Append && chunks.Count > 0)
        {
            var last = chunks[^1].Profile;
            last.Merge(profile);
            chunks[^1] = Make(chunks.Count - 1, next - last.RowCount, next, last);
        }
        else
        {
            chunks.Add(Make(chunks.Count, first, next, profile));
        }

        return new ChunkedProfiles(chunks, left);
    }

    /// <summary>Counts rows: by looking where they are in memory, by reading the narrowest column where they are not.</summary>
    public static async Task<long> CountRowsAsync(IDataset dataset, CancellationToken cancellationToken)
    {
        if (dataset is InMemoryDataset memory) return memory.RowCount;
        if (dataset.Schema.Count == 0) return 0;
        var column = dataset.Schema.OrderBy(column => column.Type == ElementType.String).ThenBy(column => column.Width).First();
        long rows = 0;
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = [column.Name] }, cancellationToken).ConfigureAwait(false)) rows += batch.RowCount;
        return rows;
    }

    private static ChunkProfile Make(int index, long first, long end, DatasetProfile profile)
        => new(new DataChunk(index, string.Create(CultureInfo.InvariantCulture, $"rows {first} to {end - 1}"), profile.RowCount), profile);
}
