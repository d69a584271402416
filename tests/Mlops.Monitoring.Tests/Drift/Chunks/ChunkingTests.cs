using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Monitoring.Tests;

public sealed class ChunkingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ChunkPeriod.Hour, 3000, "2026-01-01 00:00", "2026-05-05 23:00")]
    [InlineData(ChunkPeriod.Day, 125, "2026-01-01", "2026-05-05")]
    [InlineData(ChunkPeriod.Week, 19, "2025-12-29", "2026-05-04")]
    [InlineData(ChunkPeriod.Month, 5, "2026-01", "2026-05")]
    [InlineData(ChunkPeriod.Quarter, 2, "2026 Q1", "2026 Q2")]
    [InlineData(ChunkPeriod.Year, 1, "2026", "2026")]
    public async Task ByTime_Period_CutsTheCalendar(ChunkPeriod period, int count, string first, string last)
    {
        var chunks = (await Chunking.ByTime(period).ProfileAsync(ChunkData.Create(3000, (_, row) => row), cancellationToken: Token)).Chunks;
        Assert.Equal((count, first, last, 3000), (chunks.Count, chunks[0].Chunk.Name, chunks[^1].Chunk.Name, chunks.Sum(chunk => chunk.Chunk.RowCount)));
        for (var i = 0; i < chunks.Count; i++)
        {
            var (chunk, profile) = chunks[i];
            Assert.Equal((i, profile.RowCount), (chunk.Index, chunk.RowCount));
            // Values are hours since the start: they tell which rows a chunk has.
            Assert.True(chunk.Start <= ChunkData.Start.AddHours(profile["value"].Moments!.Minimum) && chunk.End > ChunkData.Start.AddHours(profile["value"].Moments!.Maximum));
            if (i > 0) Assert.Equal(chunks[i - 1].Chunk.End, chunk.Start);
        }
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-28 22:59", "2026-03-28", 24)]
    [InlineData("Europe/Berlin", "2026-03-28 23:00", "2026-03-29", 23)]
    [InlineData("Europe/Berlin", "2026-10-25 22:59", "2026-10-25", 25)]
    [InlineData("America/New_York", "2026-01-01 04:59", "2025-12-31", 24)]
    [InlineData("Asia/Kolkata", "2026-01-01 18:30", "2026-01-02", 24)]
    [InlineData("America/Sao_Paulo", "2018-11-04 03:00", "2018-11-04", 23)] // The clock leapt from midnight to one.
    [InlineData("America/Havana", "2026-11-01 04:30", "2026-11-01", 25)] // The hour from midnight came twice.
    public async Task ByTime_DaysOfAZone_LastFromItsMidnight(string zone, string moment, string name, int hours)
    {
        var at = DateTime.Parse(moment, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal);
        var timeZone = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var chunking = Chunking.ByTime(ChunkPeriod.Day, timeZone: timeZone);
        Assert.Equal($"by day in {zone}", chunking.ToString());
        var schema = new DataSchema([new ColumnSchema("at", ElementType.Timestamp, ColumnRole.Time)]);
        async Task<DataChunk> Cut(params DateTime[] times)
            => Assert.Single((await chunking.ProfileAsync(new InMemoryDataset("times", schema, new DataBatch(schema, new Column<DateTime>(times))), cancellationToken: Token)).Chunks).Chunk;
        var day = await Cut(at);
        Assert.Equal((name, TimeSpan.FromHours(hours)), (day.Name, day.End - day.Start));
        Assert.True(day.Start <= at && at < day.End);
        // All of it, and nothing else, is that chunk.
        Assert.Equal(day, await Cut(day.Start!.Value.UtcDateTime));
        Assert.Equal(day, await Cut(day.End!.Value.UtcDateTime.AddTicks(-1)));
        Assert.Equal(day.End, (await Cut(day.End.Value.UtcDateTime)).Start);
        Assert.Equal(day.Start, (await Cut(day.Start.Value.UtcDateTime.AddTicks(-1))).End);
    }

    [Fact]
    public async Task ByTime_WithAZone_LeavesHoursAndDatesAsTheyAre()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata");
        var hours = (await Chunking.ByTime(ChunkPeriod.Hour, timeZone: zone).ProfileAsync(ChunkData.Create(3, (_, row) => row), cancellationToken: Token)).Chunks;
        Assert.Equal(["2026-01-01 00:00", "2026-01-01 01:00", "2026-01-01 02:00"], hours.Select(chunk => chunk.Chunk.Name));
        var schema = new DataSchema([new ColumnSchema("day", ElementType.Date, ColumnRole.Time)]);
        var data = new InMemoryDataset("days", schema, new DataBatch(schema, new Column<DateOnly>(new DateOnly[] { new(2026, 3, 1), new(2026, 3, 31) })));
        var months = (await Chunking.ByTime(ChunkPeriod.Month, timeZone: zone).ProfileAsync(data, cancellationToken: Token)).Chunks;
        Assert.Equal(("2026-03", 2), (Assert.Single(months).Chunk.Name, (int)months[0].Chunk.RowCount));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 0, 0, 0, zone.BaseUtcOffset), months[0].Chunk.Start);
    }

    [Fact]
    public async Task ByTime_RowsInAnyOrderAndWithoutTime_FindTheirChunk()
    {
        var schema = new DataSchema([new ColumnSchema("day", ElementType.Date), new ColumnSchema("value", ElementType.Float64)]);
        DateOnly[] days = [new(2026, 3, 2), new(2026, 3, 1), default, new(2026, 3, 2), new(2026, 3, 9)];
        var data = new InMemoryDataset("days", schema, new DataBatch(schema, new Column<DateOnly>(days, new ulong[] { 0b11011 }), new Column<double>(new double[] { 1, 2, 3, 4, 5 })));
        var chunked = await Chunking.ByTime(TimeSpan.FromDays(1), "day").ProfileAsync(data, cancellationToken: Token);
        Assert.Equal(1, chunked.LeftOutRows);
        Assert.Equal([("2026-03-01", 1L), ("2026-03-02", 2L), ("2026-03-09", 1L)], chunked.Chunks.Select(chunk => (chunk.Chunk.Name, chunk.Chunk.RowCount)));
    }

    [Fact]
    public async Task ByTime_ColumnThatIsNoTime_IsNamed()
    {
        var data = ChunkData.Create(10, (_, row) => row);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => Chunking.ByTime(ChunkPeriod.Day, "value").ProfileAsync(data, cancellationToken: Token));
        Assert.Contains("'value'", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => Chunking.ByTime(ChunkPeriod.Day, "when").ProfileAsync(data, cancellationToken: Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => Chunking.ByTime(ChunkPeriod.Day).ProfileAsync(data.Select("value"), cancellationToken: Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => Chunking.ByTime(TimeSpan.Zero));
    }

    [Theory]
    [InlineData(ShortChunk.Keep, new long[] { 400, 400, 400, 300 }, 0)]
    [InlineData(ShortChunk.Drop, new long[] { 400, 400, 400 }, 300)]
    [InlineData(ShortChunk.Append, new long[] { 400, 400, 700 }, 0)]
    public async Task BySize_ShortEnd_IsTreatedAsAsked(ShortChunk shortChunk, long[] expected, long left)
    {
        var chunked = await Chunking.BySize(400, shortChunk).ProfileAsync(ChunkData.Create(1500, (_, row) => row), cancellationToken: Token);
        Assert.Equal(expected, chunked.Chunks.Select(chunk => chunk.Chunk.RowCount));
        Assert.Equal(left, chunked.LeftOutRows);
        var first = 0L;
        foreach (var (chunk, profile) in chunked.Chunks)
        {
            var end = first + chunk.RowCount - 1;
            Assert.Equal(($"rows {first} to {end}", (double)first, (double)end), (chunk.Name, profile["value"].Moments!.Minimum, profile["value"].Moments!.Maximum));
            first = end + 1;
        }
    }

    [Theory]
    [InlineData(1500, 4)]
    [InlineData(1501, 7)]
    [InlineData(3, 10)]
    public async Task ByCount_AnyDataset_MakesEvenChunks(int rows, int count)
    {
        foreach (IDataset data in new IDataset[] { ChunkData.Create(rows, (_, row) => row), new Stream(ChunkData.Create(rows, (_, row) => row)) })
        {
            var chunks = (await Chunking.ByCount(count).ProfileAsync(data, cancellationToken: Token)).Chunks;
            Assert.Equal((Math.Min(rows, count), rows), (chunks.Count, chunks.Sum(chunk => chunk.Chunk.RowCount)));
            Assert.InRange(chunks.Max(chunk => chunk.Chunk.RowCount) - chunks.Min(chunk => chunk.Chunk.RowCount), 0, 1);
        }
    }

    [Fact]
    public async Task ProfileAsync_EmptyDataset_HasNoChunk()
    {
        foreach (var chunking in new[] { Chunking.ByTime(ChunkPeriod.Day), Chunking.BySize(10), Chunking.ByCount(3) })
            Assert.Empty((await chunking.ProfileAsync(ChunkData.Create(0, (_, _) => 0), cancellationToken: Token)).Chunks);
    }

    [Fact]
    public async Task ProfileAsync_BySize_ReadsOnce()
    {
        var data = new Stream(ChunkData.Create(1000, (_, row) => row));
        await Chunking.BySize(100).ProfileAsync(data, cancellationToken: Token);
        Assert.Equal(1, data.Readings);
    }

    /// <summary>A dataset that is not known to be in memory, and counts how often it is read.</summary>
    private sealed class Stream(IDataset inner) : IDataset
    {
        public int Readings { get; private set; }

        public string Name => inner.Name;

        public DataSchema Schema => inner.Schema;

        public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Readings++;
            await foreach (var batch in inner.ReadAsync(options, cancellationToken)) yield return batch;
        }
    }
}
