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
