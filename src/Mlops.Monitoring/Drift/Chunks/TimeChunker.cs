using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Describes the rows of each period of a dataset, whatever their order.</summary>
internal static class TimeChunker
{
    private const int MaximumChunks = 100_000;

    public static async Task<ChunkedProfiles> ProfileAsync(IDataset dataset, ChunkCalendar calendar, string? columnName, DatasetProfileOptions options, CancellationToken cancellationToken)
    {
        var column = columnName is null ? dataset.Schema.Single(ColumnRole.Time) : dataset.Schema[columnName];
        if (column.Type is not (ElementType.Date or ElementType.Timestamp) || column.Width != 1)
        {
            throw new ArgumentException(
                $"Column '{column.Name}' of dataset '{dataset.Name}' is {column.Type} × {column.Width}; chunks by time need a date or a timestamp. Texts in ISO 8601 can be cast: data.Cast(\"{column.Name}\", ElementType.Timestamp).", nameof(dataset));
        }

        var profiles = new SortedDictionary<long, DatasetProfile>();
        long left = 0;
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (number, rows) in Group(batch, batch[column.Name], calendar))
            {
                if (number is not { } period)
                {
                    left += rows.Length;
                    continue;
                }

                if (!profiles.TryGetValue(period, out var profile))
                {
                    if (profiles.Count == MaximumChunks)
                        throw new InvalidOperationException($"Column '{column.Name}' of dataset '{dataset.Name}' gives more than {MaximumChunks} chunks. Take a longer period.");
                    profiles.Add(period, profile = new DatasetProfile(dataset.Schema, options));
                }

                profile.Add(rows.Length == batch.RowCount ? batch : batch.Take(rows));
            }
        }

        return new ChunkedProfiles([.. profiles.Select((pair, index) => new ChunkProfile(
            new DataChunk(index, calendar.GetName(pair.Key), pair.Value.RowCount) { Start = calendar.GetStart(pair.Key), End = calendar.GetStart(pair.Key + 1) }, pair.Value))], left);
    }

    /// <summary>Finds the rows of each period in a batch; those without a time have none.</summary>
    private static IEnumerable<(long? Number, int[] Rows)> Group(DataBatch batch, Column times, ChunkCalendar calendar)
    {
        var numbers = new long[batch.RowCount];
        for (var row = 0; row < numbers.Length; row++)
            numbers[row] = times.IsNull(row) ? -1 : times is Column<DateOnly> days ? calendar.GetNumber(days.Values[row]) : calendar.GetNumber(((Column<DateTime>)times).Values[row]);
        return Enumerable.Range(0, numbers.Length).GroupBy(row => numbers[row]).Select(group => (group.Key < 0 ? (long?)null : group.Key, group.ToArray()));
    }
}
