using System.Text;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

public sealed class DriftSeriesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateAsync_ShiftInTheMiddle_DriftsFromThereOn()
    {
        var series = await DriftSeries.CreateAsync(Stationary(1), Shifted(), new DriftSeriesOptions { Chunking = Chunking.BySize(200), Report = new DriftReportOptions { Significance = 0.001 } }, Token);
        Assert.Equal(10, series.Points.Count);
        Assert.All(series.Points, point => Assert.Equal(point.Chunk.Index >= 5, point.Report.HasDrift));
        Assert.Equal((5, 10L), (series.DriftedCount, series.SpendingState.Evaluations));
        Assert.Equal([6, 7, 8, 9, 10], series.SpendingState.Alarms);
        Assert.Equal("5 of 10 chunks drifted, compared with the reference data", series.ToString());
    }

    [Fact]
    public async Task CreateAsync_TrailingWindow_SeesOnlyTheChange()
    {
        var options = new DriftSeriesOptions { Chunking = Chunking.BySize(200), Reference = DriftSeriesReference.TrailingWindow(2), Report = new DriftReportOptions { Significance = 0.001 } };
        var series = await DriftSeries.CreateAsync(await DatasetProfile.CreateAsync(Stationary(1), Token), Shifted(), options, Token);
        var drifted = series.Points.Where(point => point.Report.HasDrift).Select(point => point.Chunk.Index).ToArray();
        Assert.Equal([5, 6], drifted);
        Assert.Equal(400, series.Points[4].Report.ReferenceRowCount);
        Assert.Equal(2000, series.Points[1].Report.ReferenceRowCount);
    }

    [Fact]
    public async Task CreateAsync_FixedChunk_IsTheReferenceAndIsLeftOut()
    {
        var options = new DriftSeriesOptions { Chunking = Chunking.BySize(200), Reference = DriftSeriesReference.Chunk(7), Report = new DriftReportOptions { Significance = 0.001 } };
        var series = await DriftSeries.CreateAsync(Stationary(1), Shifted(), options, Token);
        Assert.Equal([0, 1, 2, 3, 4], series.Points.Where(point => point.Report.HasDrift).Select(point => point.Chunk.Index));
        Assert.DoesNotContain(series.Points, point => point.Chunk.Index == 7);
        await Assert.ThrowsAsync<ArgumentException>(() => DriftSeries.CreateAsync(Stationary(1), Shifted(), new DriftSeriesOptions { Chunking = Chunking.BySize(200), Reference = DriftSeriesReference.Chunk(10) }, Token));
    }

    [Fact]
    public async Task CreateAsync_Budget_GivesEachChunkItsShare()
    {
        var budget = FalseAlarmBudget.PerMonth(1);
        var series = await DriftSeries.CreateAsync(Stationary(1), Stationary(2), new DriftSeriesOptions { Budget = budget }, Token);
        Assert.All(series.Points, point => Assert.Equal(1 / 30.4375, point.Significance, 1e-12));
        series = await DriftSeries.CreateAsync(Stationary(1), Stationary(2), new DriftSeriesOptions { Chunking = Chunking.BySize(300), Budget = budget, Interval = TimeSpan.FromHours(12) }, Token);
        Assert.All(series.Points, point => Assert.Equal(1 / 60.875, point.Significance, 1e-12));
        await Assert.ThrowsAsync<ArgumentException>(() => DriftSeries.CreateAsync(Stationary(1), Stationary(2), new DriftSeriesOptions { Chunking = Chunking.BySize(300), Budget = budget }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => DriftSeries.CreateAsync(Stationary(1), Stationary(2), new DriftSeriesOptions { Budget = budget, Spending = AlphaSpending.Lord(0.1) }, Token));
    }

    [Fact]
    public async Task CreateAsync_SeriesThatGoesOn_SpendsOn()
    {
        var spending = AlphaSpending.Pocock(0.05, 20);
        DriftSeriesOptions Options(AlphaSpendingState state) => new() { Chunking = Chunking.BySize(200), Spending = spending, SpendingState = state };
        var first = await DriftSeries.CreateAsync(Stationary(1), Stationary(2), Options(AlphaSpendingState.Start), Token);
        var second = await DriftSeries.CreateAsync(Stationary(1), Stationary(3), Options(DriftSeries.FromJson(first.ToJson()).SpendingState), Token);
        Assert.Equal(0.05, first.Points.Concat(second.Points).Sum(point => point.Significance), 1e-9);
    }

    [Fact]
    public async Task CreateAsync_ReferenceChunks_AllowWhatTheReferenceDoes()
    {
        // Means that differ from day to day: p-values alarm, limits from days of the reference do not.
        static double Wander(Random random, int row) => random.NextDouble() + (0.25 * Math.Sin(row / 24 * 2.4));
        var (reference, current) = (ChunkData.Create(24 * 40, Wander, 1), ChunkData.Create(24 * 30, Wander, 2));
        var changed = ChunkData.Create(24 * 30, (random, row) => Wander(random, row) + 1.5, 3);
        var report = new DriftReportOptions { Significance = 0.01 };
        var byChance = await DriftSeries.CreateAsync(reference, current, new DriftSeriesOptions { Report = report }, Token);
        var options = new DriftSeriesOptions { Report = report, ReferenceChunks = new ReferenceChunkOptions() };
        var byChunks = await DriftSeries.CreateAsync(reference, current, options, Token);
        Assert.True(byChance.DriftedCount >= 5 && byChunks.DriftedCount <= 2, $"{byChance}; {byChunks}");
        var found = await DriftSeries.CreateAsync(reference, changed, options, Token);
        Assert.Equal(30, found.DriftedCount);
        Assert.Contains("40 reference chunks", found.Points[0].Report.Findings[0].Result.ThresholdSource, StringComparison.Ordinal);
        var three = await DriftSeries.CreateAsync(reference, changed, new DriftSeriesOptions { Report = report, ReferenceChunks = new ReferenceChunkOptions { Rule = ReferenceChunkRule.ThreeDeviations } }, Token);
        Assert.Contains("3 standard deviations", three.Points[0].Report.Findings[0].Result.ThresholdSource, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_ReferenceChunksOfARareValue_ComparesAllByOneTest()
    {
        // Chunk by chunk, some have enough of the rare value for the one test of two categories, and others do not.
        static double Rare(Random random, int row) => random.NextDouble() < (row / 100 % 2 == 0 ? 0.01 : 0.09) ? 1 : 0;
        var (reference, current) = (ChunkData.Create(1000, Rare, 1), ChunkData.Create(600, Rare, 2));
        var options = new DriftSeriesOptions { Chunking = Chunking.BySize(100), Report = new DriftReportOptions { MinimumEffect = 0 }, ReferenceChunks = new ReferenceChunkOptions() };
        var byChance = await DriftSeries.CreateAsync(reference, current, new DriftSeriesOptions { Chunking = options.Chunking }, Token);
        Assert.Equal(2, byChance.Points.Select(point => point.Report.Findings[0].Result.Test).Distinct().Count());
        var series = await DriftSeries.CreateAsync(reference, current, options, Token);
        Assert.All(series.Points, point =>
        {
            Assert.Equal("two-proportions", point.Report.Findings[0].Result.Test);
            Assert.Contains("10 reference chunks", point.Report.Findings[0].Result.ThresholdSource, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task CreateAsync_FewReferenceChunks_DoNotTell()
    {
        var options = new DriftSeriesOptions { Chunking = Chunking.BySize(1000), ReferenceChunks = new ReferenceChunkOptions() };
        var series = await DriftSeries.CreateAsync(Stationary(1), Shifted(), options, Token);
        Assert.All(series.Points, point => Assert.Equal(DriftVerdict.NotEnoughData, Assert.Single(point.Report.Findings).Verdict));
        await Assert.ThrowsAsync<ArgumentException>(() => DriftSeries.CreateAsync(new DatasetProfile(0), Shifted(), options, Token));
        await Assert.ThrowsAsync<ArgumentException>(
            () => DriftSeries.CreateAsync(Stationary(1), Shifted(), new DriftSeriesOptions { Reference = DriftSeriesReference.TrailingWindow(1), ReferenceChunks = new ReferenceChunkOptions() }, Token));
    }

    [Fact]
    public async Task Json_Series_ReadsBack()
    {
        var series = await DriftSeries.CreateAsync(Stationary(1), Shifted(), null, Token);
        var read = DriftSeries.FromJson(series.ToJson());
        Assert.Equal(series.ToString(), read.ToString());
        Assert.Equal(series.Points.Select(point => point.Chunk), read.Points.Select(point => point.Chunk));
        Assert.Equal(series.Points.Select(point => point.ToString()), read.Points.Select(point => point.ToString()));
        Assert.Equal(series.SpendingState, read.SpendingState);
    }

    /// <summary>Made of figures, as read from JSON: so many chunks would take minutes to compare.</summary>
    [Theory]
    [InlineData(12, 200, 12)]
    [InlineData(400, 200, 5000)]
    [InlineData(20_000, 20, 60)]
    public async Task WriteHtmlAsync_ManyChunksAndColumnsThatDrift_StaysBelowAMegabyte(int chunks, int columns, int nameLength)
    {
        DriftFinding[] findings = [.. Enumerable.Range(0, columns).Select(column =>
        {
            var result = new DriftResult("kolmogorov-smirnov", DriftVerdict.Drift, "Why.", 1000, 1000) { Statistic = 0.123456789, PValue = 1e-9, Effect = 0.123456789 + column, Threshold = 0.0876543 };
            return new DriftFinding($"{column}{new string('<', nameLength)}", ElementType.Float64, result.Verdict, result);
        })];
        var report = new DriftReport(1000, 1000, findings);
        foreach (var isByTime in new[] { true, false })
        {
            DriftSeriesPoint[] points = [.. Enumerable.Range(0, chunks).Select(i => new DriftSeriesPoint(
                new DataChunk(i, $"{i}", 1000) { Start = isByTime ? ChunkData.Start.AddHours(i) : null, End = isByTime ? ChunkData.Start.AddHours(i + 1) : null }, 0.05, report))];
            using var stream = new MemoryStream();
            await new DriftSeries("the reference", "by hour", points, 0, AlphaSpendingState.Start).WriteHtmlAsync(stream, Token);
            Assert.InRange(stream.Length, 20_000, 1_000_000);
            var html = System.Text.Encoding.UTF8.GetString(stream.ToArray());
            Assert.Contains("<svg", html, StringComparison.Ordinal);
            Assert.Equal(chunks > 1000, html.Contains("Of the last 1,000 chunks", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task WriteHtmlAsync_ByTimeAndBySize_ShowsLinesAndLimits()
    {
        foreach (var chunking in new[] { Chunking.ByTime(ChunkPeriod.Week), Chunking.BySize(200) })
        {
            var series = await DriftSeries.CreateAsync(Stationary(1), Shifted(), new DriftSeriesOptions { Chunking = chunking }, Token);
            using var stream = new MemoryStream();
            await series.WriteHtmlAsync(stream, Token);
            var html = Encoding.UTF8.GetString(stream.ToArray());
            Assert.Contains("value: kolmogorov-smirnov", html, StringComparison.Ordinal);
            Assert.Contains("limit", html, StringComparison.Ordinal);
            Assert.Matches("class=\"dot hot\"/></svg>drift<", html);
            Assert.Contains("<svg", html, StringComparison.Ordinal);
            Assert.Contains(series.Points[^1].Chunk.Name, html, StringComparison.Ordinal);
            Assert.InRange(stream.Length, 2000, 200_000);
        }
    }

    [Fact]
    public async Task CreateAsync_NoChunk_SaysSo()
        => Assert.Equal("nothing could be tested: there is no chunk to compare", (await DriftSeries.CreateAsync(Stationary(1), ChunkData.Create(0, (_, _) => 0), null, Token)).ToString());

    [Fact]
    public void GetUpperLimit_FewOrEqualStatistics_IsDefined()
    {
        Assert.Null(ReferenceChunks.GetUpperLimit([1, 2], 0.05));
        Assert.Null(ReferenceChunks.GetUpperLimit([1, double.NaN, 2], 0.05));
        Assert.Equal(2, ReferenceChunks.GetUpperLimit([2, 2, 2], 0.05)!.Value, 1e-12);
        Assert.All(Enum.GetValues<StatisticScale>(), scale => Assert.Equal(0, ReferenceChunks.GetUpperLimit([0, 0, 0], 0.05, scale)!.Value));
        Assert.InRange(ReferenceChunks.GetUpperLimit([0, 1, 1, 1], 0.05, StatisticScale.CurveDistance)!.Value, 1, 100);
        // Mean 2, deviation 1, t = 4.3027 with two degrees of freedom at 2.5 %.
        Assert.Equal(2 + (4.302653 * Math.Sqrt(4.0 / 3)), ReferenceChunks.GetUpperLimit([1, 2, 3], 0.025, StatisticScale.Linear)!.Value, 1e-5);
        Assert.Equal(2 - (4.302653 * Math.Sqrt(4.0 / 3)), ReferenceChunks.GetLowerLimit([1, 2, 3], 0.025)!.Value, 1e-5);
        Assert.Throws<ArgumentOutOfRangeException>(() => ReferenceChunks.GetUpperLimit([1, -2, 3], 0.05));
        Assert.Null(ReferenceChunks.GetUpperLimit([1, 2, double.PositiveInfinity], 0.05));
    }

    private static Data.InMemoryDataset Stationary(int seed) => ChunkData.Create(2000, (random, _) => random.NextDouble(), seed);

    private static Data.InMemoryDataset Shifted() => ChunkData.Create(2000, (random, row) => random.NextDouble() + (row >= 1000 ? 0.4 : 0), 9);
}
