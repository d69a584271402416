using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IMetricAppender"/> does. Derive a test class for each implementation.</summary>
public abstract class MetricAppenderConformance
{
    private static readonly DateTimeOffset s_time = new(2024, 2, 29, 12, 0, 0, 123, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes empty stores.</summary>
    /// <returns>The stores.</returns>
    protected abstract Task<TrackingStores> CreateAsync();

    /// <summary>A series is read by step, then timestamp, then value, with exact duplicates once, whatever the order of appending.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ReadAsync_Series_IsOrderedWithoutDuplicates()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        Metric[] expected =
        [
            new("verlust/größe", 1, long.MinValue, s_time), new("verlust/größe", 7, -1, s_time.AddMilliseconds(1)),
            new("verlust/größe", -2, 3, s_time), new("verlust/größe", 5, 3, s_time), new("verlust/größe", 4, 3, s_time.AddMilliseconds(1)), new("verlust/größe", 0.1, long.MaxValue, s_time),
        ];
        await AppendAsync(stores, run, 1, expected[3], expected[5], expected[3], new("other", 1, 0, s_time));
        await AppendAsync(stores, run, 2, expected[4], expected[0], expected[3], expected[2], expected[1]);
        Assert.Equal(expected, await ReadAsync(stores, run, "verlust/größe"));
        Assert.Single(await ReadAsync(stores, run, "other"));
        Assert.Empty(await ReadAsync(stores, run, "unknown"));
    }

    /// <summary>NaN, infinities, subnormal and extreme values come back as they were.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ReadAsync_SpecialValues_AreKept()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        double[] values = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, double.MinValue, 0.1, 1e-300, 9007199254740993];
        await AppendAsync(stores, run, 1, [.. values.Select((value, step) => new Metric("m", value, step, s_time))]);
        Assert.Equal(values, (await ReadAsync(stores, run, "m")).Select(metric => metric.Value));
    }

    /// <summary>The latest value has the largest step, then timestamp, then value, where NaN counts as 0.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_SeveralBatches_KeepsLatestValue()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await AppendAsync(stores, run, 1, new("a", 1, 5, s_time), new("a", 9, 4, s_time.AddDays(1)), new("n", double.NaN, 1, s_time), new("p", double.NaN, 1, s_time), new("p", 3, 1, s_time));
        await AppendAsync(stores, run, 2, new("a", 100, 3, s_time.AddDays(1)), new("n", -1, 1, s_time), new("b", -1, 0, s_time), new("b", -3, 0, s_time));
        await AppendAsync(stores, run, 3, new("a", 0, 5, s_time), new("b", -5, 0, s_time.AddMilliseconds(1)));
        var latest = (await stores.Runs.FindRunAsync(run.Id, Token))!.Metrics;
        Assert.Equal(new Metric("a", 1, 5, s_time), latest["a"]);
        Assert.Equal(new Metric("b", -5, 0, s_time.AddMilliseconds(1)), latest["b"]);
        Assert.Equal(double.NaN, latest["n"].Value);
        Assert.Equal(3, latest["p"].Value);
        Assert.Equal(4, latest.Count);
    }

    /// <summary>A batch that is appended again does nothing, also when its content differs or the run has ended since.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_SameBatchAgain_DoesNothing()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await AppendAsync(stores, run, 1, new Metric("m", 1, 1, s_time));
        await AppendAsync(stores, run, 1, new Metric("m", 2, 2, s_time));
        Assert.Equal([1.0], (await ReadAsync(stores, run, "m")).Select(metric => metric.Value));
        await stores.Metrics.AppendAsync(new MetricBatch(run.Id, "another writer", 1, new[] { new Metric("m", 3, 3, s_time) }), Token);
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Finished, s_time, Token);
        await AppendAsync(stores, run, 1, new Metric("m", 1, 1, s_time));
        Assert.Equal([1.0, 3.0], (await ReadAsync(stores, run, "m")).Select(metric => metric.Value));
    }

    /// <summary>The numbers of a writer rise, and may leave some out; what is not above the last one was appended before.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_NumbersLeftOut_AreTakenForAppended()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        foreach (var sequence in new[] { 2L, 5, 4, 5, 2, 1_000_000_000_000, 7 }) await AppendAsync(stores, run, sequence, new Metric("m", sequence, sequence, s_time));
        Assert.Equal([2L, 5, 1_000_000_000_000], (await ReadAsync(stores, run, "m")).Select(metric => metric.Step));
        // Each writer counts for itself, and so does each run.
        var other = await stores.CreateRunAsync(cancellationToken: Token);
        await AppendAsync(stores, other, 1, new Metric("m", 1, 1, s_time));
        await stores.Metrics.AppendAsync(new MetricBatch(run.Id, "another writer", 1, new[] { new Metric("m", 3, 3, s_time) }), Token);
        Assert.Single(await ReadAsync(stores, other, "m"));
        Assert.Equal(4, (await ReadAsync(stores, run, "m")).Count);
    }

    /// <summary>A run that has ended takes no new batch, and one that does not exist takes none.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_EndedOrUnknownRun_Throws()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Finished, s_time, Token);
        await Assert.ThrowsAsync<RunFinishedException>(() => AppendAsync(stores, run, 1, new Metric("m", 1, 1, s_time)));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => AppendAsync(stores, run with { Id = new string('0', 32) }, 1, new Metric("m", 1, 1, s_time)));
        Assert.Empty(await ReadAsync(stores, run, "m"));
    }

    /// <summary>A time before 1970 is refused, and nothing of its batch is written.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_TimestampBefore1970_Throws()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => AppendAsync(stores, run, 1, new("m", 1, 1, s_time), new("m", 1, 2, DateTimeOffset.UnixEpoch.AddMilliseconds(-1))));
        Assert.Empty(await ReadAsync(stores, run, "m"));
        await AppendAsync(stores, run, 2, new Metric("m", 1, 1, DateTimeOffset.UnixEpoch));
        Assert.Single(await ReadAsync(stores, run, "m"));
    }

    /// <summary>A run that was taken for dead takes what arrives late; a deleted one takes nothing.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_KilledOrDeletedRun_TakesLateMetricsOrRefuses()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Killed, s_time, Token);
        await AppendAsync(stores, run, 1, new Metric("m", 1, 1, s_time));
        await stores.Runs.SetRunStageAsync(run.Id, LifecycleStage.Deleted, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => AppendAsync(stores, run, 2, new Metric("m", 2, 2, s_time)));
        // What is there already is no news.
        await AppendAsync(stores, run, 1, new Metric("m", 1, 1, s_time));
        Assert.Equal([1.0], (await ReadAsync(stores, run, "m")).Select(metric => metric.Value));
    }

    /// <summary>Batches of several runs are appended together, or none of them; those that were appended before are left out.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_SeveralRuns_AllOrNone()
    {
        var stores = await CreateAsync();
        var (one, two, ended) = (await stores.CreateRunAsync(cancellationToken: Token), await stores.CreateRunAsync(cancellationToken: Token), await stores.CreateRunAsync(cancellationToken: Token));
        await stores.Runs.EndRunAsync(ended.Id, RunStatus.Finished, s_time, Token);
        MetricBatch Batch(RunSnapshot run, long sequence, params Metric[] metrics) => new(run.Id, "w", sequence, metrics);

        await stores.Metrics.AppendAsync([Batch(one, 1, new Metric("a", 1, 1, s_time)), Batch(two, 1, new Metric("a", 2, 1, s_time), new("b", 3, 1, s_time)), Batch(one, 2, new Metric("b", 4, 1, s_time))], Token);
        await Assert.ThrowsAsync<RunFinishedException>(
            () => stores.Metrics.AppendAsync([Batch(one, 3, new Metric("new", 1, 1, s_time)), Batch(ended, 1, new Metric("a", 1, 1, s_time)), Batch(two, 2, new Metric("new", 1, 1, s_time))], Token));
        Assert.Empty(await ReadAsync(stores, one, "new"));
        Assert.Empty(await ReadAsync(stores, two, "new"));
        await stores.Metrics.AppendAsync([Batch(one, 1, new Metric("a", 9, 9, s_time)), Batch(one, 3, new Metric("a", 5, 2, s_time), new("a", 5, 2, s_time)), Batch(one, 3, new Metric("a", 7, 7, s_time)), Batch(two, 2)], Token);
        Assert.Equal([1.0, 5.0], (await ReadAsync(stores, one, "a")).Select(metric => metric.Value));
        Assert.Equal([2.0], (await ReadAsync(stores, two, "a")).Select(metric => metric.Value));
        Assert.Equal((5.0, 4.0), ((await stores.Runs.FindRunAsync(one.Id, Token))!.Metrics["a"].Value, (await stores.Runs.FindRunAsync(one.Id, Token))!.Metrics["b"].Value));
        await stores.Metrics.AppendAsync([], Token);
    }

    /// <summary>Several pages make the whole series, also where they end within one step, and a part of the steps is read alone.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ReadAsync_Pages_MakeTheWholeSeries()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        double[] values = [double.NegativeInfinity, -1, 0, double.NaN, 2, double.PositiveInfinity];
        var series = (from step in Enumerable.Range(-3, 6) from time in Enumerable.Range(0, 2) from value in values select new Metric("m", value, step, s_time.AddMilliseconds(time))).ToList();
        await AppendAsync(stores, run, 1, [.. series]);
        foreach (var (from, to) in new (long?, long?)[] { (null, null), (-1, null), (null, 0), (-2, 1), (5, 9), (1, 0) })
        {
            var expected = series.Where(point => (from is null || point.Step >= from) && (to is null || point.Step <= to)).ToList();
            foreach (var size in new[] { 1, 5, 71, 72, 73 })
            {
                var (found, query) = (new List<Metric>(), new MetricQuery(run.Id, "m") { FromStep = from, ToStep = to, MaxResults = size });
                do
                {
                    var page = await stores.Metrics.ReadAsync(query, Token);
                    Assert.True(page.Items.Count == size || page.NextPageToken is null);
                    found.AddRange(page.Items);
                    query = query with { PageToken = page.NextPageToken };
                }
                while (query.PageToken is not null);
                Assert.Equal(expected, found);
            }
        }

        var first = await stores.Metrics.ReadAsync(new MetricQuery(run.Id, "m") { MaxResults = 2 }, Token);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Metrics.ReadAsync(new MetricQuery(run.Id, "other") { PageToken = first.NextPageToken }, Token));
        foreach (var token in new[] { "none", "zzz", "!" })
            await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Metrics.ReadAsync(new MetricQuery(run.Id, "m") { PageToken = token }, Token));
        var mistake = await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Metrics.ReadAsync(new MetricQuery(run.Id, "m") { MaxResults = 0 }, Token));
        Assert.Contains(nameof(MetricQuery.MaxResults), mistake.Message, StringComparison.Ordinal);
    }

    /// <summary>A sample holds the ends and is spread evenly over the steps, or over the timestamps of a single step; a short series is whole.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SampleAsync_LongSeries_IsSpreadEvenly()
    {
        const int Count = 5000, Points = 100;
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await AppendAsync(stores, run, 1, [.. Enumerable.Range(0, Count).SelectMany(i => new[]
        {
            new Metric("steps", i, i - 1000, s_time.AddMilliseconds(-i)), new Metric("one step", i, 7, s_time.AddMilliseconds(i)), new Metric("same time", i, 7, s_time),
            new Metric("extreme", i, i == 0 ? long.MinValue : i == Count - 1 ? long.MaxValue : i, s_time), new Metric("few steps", i, i / 1000, s_time.AddMilliseconds(i)),
        })]);
        foreach (var name in new[] { "steps", "one step", "same time", "extreme", "few steps" })
        {
            var series = await ReadAsync(stores, run, name);
            var sample = await stores.Metrics.SampleAsync(new MetricQuery(run.Id, name), Points, Token);
            Assert.InRange(sample.Count, 2, Points);
            Assert.Equal((series[0], series[^1]), (sample[0], sample[^1]));
            Assert.Equal(sample, sample.Intersect(series).Order(Comparer<Metric>.Create((a, b) => series.IndexOf(a).CompareTo(series.IndexOf(b)))));
            Assert.Equal(series, await stores.Metrics.SampleAsync(new MetricQuery(run.Id, name), Count, Token));
        }

        foreach (var name in new[] { "steps", "one step" })
        {
            var sample = await stores.Metrics.SampleAsync(new MetricQuery(run.Id, name), Points, Token);
            Assert.Equal(Points, sample.Count);
            var places = sample.Select(point => point.Value).ToList();
            for (var i = 1; i < places.Count; i++) Assert.InRange(places[i] - places[i - 1], (Count / Points) - 1, (Count / Points) + 2);
        }

        var part = await stores.Metrics.SampleAsync(new MetricQuery(run.Id, "steps") { FromStep = 0, ToStep = 999, MaxResults = 3 }, 10, Token);
        Assert.Equal((10, 0L, 999L), (part.Count, part[0].Step, part[^1].Step));
        Assert.Equal(2, (await stores.Metrics.SampleAsync(new MetricQuery(run.Id, "steps"), 2, Token)).Count);
        Assert.Empty(await stores.Metrics.SampleAsync(new MetricQuery(run.Id, "absent"), 2, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Metrics.SampleAsync(new MetricQuery(run.Id, "steps"), 1, Token));
    }

    /// <summary>Batches that make no sense are refused.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_BadBatch_ThrowsArgumentException()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        Metric[] metrics = [new("m", 1, 1, s_time)];
        MetricBatch[] bad = [new("", "w", 1, metrics), new(run.Id, "", 1, metrics), new(run.Id, "w", 0, metrics), new(run.Id, "w\0", 1, metrics), new("a\0", "w", 1, metrics), new(run.Id, new string('w', 251), 1, metrics)];
        foreach (var batch in bad) await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Metrics.AppendAsync(batch, Token));
        foreach (var name in new[] { "", "a//b", "a\0", "\ud800", "m*" })
            await Assert.ThrowsAnyAsync<ArgumentException>(() => AppendAsync(stores, run, 1, new Metric("fine", 1, 1, s_time), new Metric(name, 1, 1, s_time)));
        Assert.Empty((await stores.Runs.FindRunAsync(run.Id, Token))!.Metrics);
    }

    /// <summary>A batch with a name that is not allowed is refused as a whole.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_NameNotAllowed_ThrowsAndAppendsNothing()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => AppendAsync(stores, run, 1, new("m", 1, 1, s_time), new(new string('n', 251), 1, 1, s_time)));
        Assert.Empty(await ReadAsync(stores, run, "m"));
    }

    /// <summary>Writers at once lose nothing, and a series longer than any page is read completely.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AppendAsync_ManyWriters_LosesNothing()
    {
        const int Writers = 4, Batches = 5, Size = 1500;
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var sequence = 0; sequence < Batches; sequence++)
            {
                var first = ((writer * Batches) + sequence) * Size;
                var metrics = Enumerable.Range(first, Size).Select(step => new Metric("m", step, step, s_time)).ToArray();
                await stores.Metrics.AppendAsync(new MetricBatch(run.Id, $"writer {writer}", sequence + 1, metrics), Token);
            }
        })));
        var series = await ReadAsync(stores, run, "m");
        Assert.Equal(Enumerable.Range(0, Writers * Batches * Size).Select(step => (double)step), series.Select(metric => metric.Value));
        Assert.Equal((Writers * Batches * Size) - 1, (await stores.Runs.FindRunAsync(run.Id, Token))!.Metrics["m"].Value);
    }

    private static Task AppendAsync(TrackingStores stores, RunSnapshot run, long sequence, params Metric[] metrics)
        => stores.Metrics.AppendAsync(new MetricBatch(run.Id, "writer", sequence, metrics), Token);

    private static async Task<List<Metric>> ReadAsync(TrackingStores stores, RunSnapshot run, string metric)
        => await stores.Metrics.ReadAsync(run.Id, metric, Token).ToListAsync(Token);
}
