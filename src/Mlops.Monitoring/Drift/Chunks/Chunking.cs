using System.Globalization;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>How a dataset is cut into chunks: by time, by a number of rows, or into a number of chunks.</summary>
/// <remarks>
/// Any dataset is read once, batch by batch; memory holds one profile per chunk. Only <see cref="ByCount"/> has to know the number of rows before, which takes a first reading of one column
/// unless the rows are in memory. Thread-safe: unchangeable.
/// </remarks>
/// <example><code>var days = await Chunking.ByTime(ChunkPeriod.Day).ProfileAsync(live);</code></example>
public sealed class Chunking
{
    private readonly string _description;
    private readonly Func<IDataset, DatasetProfileOptions, CancellationToken, Task<ChunkedProfiles>> _profile;

    private Chunking(string description, TimeSpan? interval, Func<IDataset, DatasetProfileOptions, CancellationToken, Task<ChunkedProfiles>> profile)
        => (_description, Interval, _profile) = (description, interval, profile);

    /// <summary>Gets the time from one chunk to the next, on average over the calendar; <see langword="null"/> for chunks that are not by time.</summary>
    public TimeSpan? Interval { get; }

    /// <summary>Cuts by periods of the calendar, at most 100,000 of them. Rows may come in any order; those without a time are left out.</summary>
    /// <param name="period">The period.</param>
    /// <param name="column">The column with the time, a date or a timestamp in UTC; the one with the role Time when <see langword="null"/>.</param>
    /// <param name="timeZone">The zone in which timestamps become days and longer periods; UTC when <see langword="null"/>. Hours are those of UTC, as in many zones one of them comes twice a year; dates are taken as they are.</param>
    /// <returns>The chunking.</returns>
    public static Chunking ByTime(ChunkPeriod period, string? column = null, TimeZoneInfo? timeZone = null)
    {
        var calendar = new ChunkCalendar(period, timeZone);
        var zone = timeZone is null || period == ChunkPeriod.Hour || timeZone.Equals(TimeZoneInfo.Utc) ? "" : $" in {timeZone.Id}";
        return new Chunking($"by {period.ToString().ToLowerInvariant()}{zone}", calendar.Interval, (dataset, options, token) => TimeChunker.ProfileAsync(dataset, calendar, column, options, token));
    }

    /// <summary>Cuts by periods of one length, counted from 0001-01-01 UTC, a Monday; at most 100,000 of them. Rows may come in any order; those without a time are left out.</summary>
    /// <param name="period">The length, at least a second.</param>
    /// <param name="column">The column with the time, a date or a timestamp; the one with the role Time when <see langword="null"/>.</param>
    /// <returns>The chunking.</returns>
    public static Chunking ByTime(TimeSpan period, string? column = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromSeconds(1));
        var calendar = new ChunkCalendar(period);
        return new Chunking($"by {period.ToString("c", CultureInfo.InvariantCulture)}", period, (dataset, options, token) => TimeChunker.ProfileAsync(dataset, calendar, column, options, token));
    }

    /// <summary>Cuts into chunks of a number of rows, in their order.</summary>
    /// <param name="rows">The number of rows of a chunk, ≥ 1.</param>
    /// <param name="shortChunk">What becomes of the last rows when they are fewer.</param>
    /// <returns>The chunking.</returns>
    public static Chunking BySize(long rows, ShortChunk shortChunk = ShortChunk.Keep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (!Enum.IsDefined(shortChunk)) throw new ArgumentOutOfRangeException(nameof(shortChunk), shortChunk, "What becomes of the last rows is unknown.");
        return new Chunking(
            string.Create(CultureInfo.InvariantCulture, $"by {rows} rows"), null, (dataset, options, token) => RowChunker.ProfileAsync(dataset, index => (index + 1) * rows, shortChunk, options, token));
    }

    /// <summary>Cuts into a number of chunks whose rows, in their order, differ in number by one at most.</summary>
    /// <param name="count">The number of chunks, ≥ 1; fewer when there are fewer rows.</param>
    /// <returns>The chunking.</returns>
    public static Chunking ByCount(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new Chunking(string.Create(CultureInfo.InvariantCulture, $"into {count} chunks"), null, async (dataset, options, token) =>
        {
            var rows = await RowChunker.CountRowsAsync(dataset, token).ConfigureAwait(false);
            var chunks = Math.Max(1, Math.Min(count, rows));
            return await RowChunker.ProfileAsync(dataset, index => (long)((Int128)rows * (index + 1) / chunks), ShortChunk.Keep, options, token).ConfigureAwait(false);
        });
    }

    /// <summary>Describes the chunks of a dataset.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">What is described, and how exactly; 1024 for the accuracy of quantiles when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The chunks.</returns>
    /// <exception cref="EntityNotFoundException">The column with the time does not exist, or no column has the role.</exception>
    /// <exception cref="ArgumentException">The column with the time is neither a date nor a timestamp.</exception>
    /// <exception cref="InvalidOperationException">There would be more than 100,000 chunks.</exception>
    public Task<ChunkedProfiles> ProfileAsync(IDataset dataset, DatasetProfileOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return _profile(dataset, options ?? DriftSeriesOptions.DefaultProfile, cancellationToken);
    }

    /// <summary>Describes the chunking in a few words, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => _description;
}
