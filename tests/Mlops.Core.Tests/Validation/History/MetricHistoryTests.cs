using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Mlops.State;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class MetricHistoryTests
{
    private static readonly DateTimeOffset s_start = HistoryFiles.Start;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Add_SameTime_TheLaterReplacesTheEarlierWhateverItsOffset()
    {
        var history = new MetricHistory("h");
        history.Add(s_start, "a", 1);
        history.Add(s_start.ToOffset(TimeSpan.FromHours(9)), "a", 2);
        history.Add(s_start.AddDays(-1), "a", double.NegativeInfinity);
        Assert.Equal([new MetricPoint(s_start.AddDays(-1), null), new MetricPoint(s_start, 2)], history["a"]);
        Assert.Equal(TimeSpan.Zero, history["a"][1].At.Offset);
        Assert.Equal(s_start, history.LatestAt);
        Assert.Throws<ArgumentException>(() => history.Add(s_start, " ", 1));
    }

    [Fact]
    public void Indexer_UnknownMetric_NamesThoseThatThereAre()
    {
        var history = HistoryFiles.History(1);
        var error = Assert.Throws<EntityNotFoundException>(() => history["row_coumt"]);
        Assert.Equal(("metric", "row_coumt"), (error.Kind, error.Name));
        Assert.Contains("value", error.Message);
    }

    [Fact]
    public void Add_MoreThanMaximumPoints_KeepsTheNewestOfEachMetric()
    {
        var history = new MetricHistory("h", new MetricHistoryOptions { MaximumPoints = 3 });
        foreach (var day in new[] { 4, 1, 3, 0, 2 }) history.Add(s_start.AddDays(day), "a", day);
        history.Add(s_start, "b", 0);
        Assert.Equal([2.0, 3, 4], history["a"].Select(point => point.Value));
        Assert.Single(history["b"]);
        Assert.Equal([4.0], MetricHistory.FromJson(history.ToJson(), new MetricHistoryOptions { MaximumPoints = 1 })["a"].Select(point => point.Value));
    }

    [Fact]
    public void ToJson_History_IsReadable()
    {
        var history = new MetricHistory("ridership");
        history.Add(s_start, "größe.mean", 41.2);
        history.Add(s_start.AddDays(1), "row_count", 100);
        history.Add(s_start.AddDays(1), "größe.mean", double.NaN);
        Assert.Equal(
            """{"format":"mlops.metric-history","version":1,"name":"ridership","times":["2025-01-06T02:00:00+00:00","2025-01-07T02:00:00+00:00"],"metrics":{"größe.mean":[41.2,"NaN"],"row_count":[null,100]}}""",
            Encoding.UTF8.GetString(history.ToJson()));
    }

    [Fact]
    public void FromJson_Written_GivesTheSameHistory()
    {
        var names = Gen.Elements("row_count", "a.mean", "a b.quantile_0.5", "\"\\/\u0001", "größe", "*");
        var points = Gen.Zip(names, Gen.Zip(Gen.Choose(0, 40).Select(ticks => s_start.AddTicks(ticks)), ArbMap.Default.GeneratorFor<double>())).ArrayOf();
        Prop.ForAll(points.ToArbitrary(), all =>
        {
            var history = new MetricHistory("h");
            foreach (var (metric, (at, value)) in all) history.Add(at, metric, value);
            var read = MetricHistory.FromJson(history.ToJson());
            Assert.Equal((history.Name, history.LatestAt), (read.Name, read.LatestAt));
            Assert.Equal(history.Metrics, read.Metrics);
            foreach (var metric in history.Metrics) Assert.Equal(history[metric], read[metric]);
            Assert.Equal(history.ToJson(), read.ToJson());
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("", 1, "not the JSON")]
    [InlineData("{\n\"format\": \"mlops.metric-history\",\n\"version\": }", 3, "not the JSON")]
    [InlineData("[]", 1, "not the JSON")]
    [InlineData("null", 0, "not of the format")]
    [InlineData("{}", 1, "not the JSON")]
    [InlineData("""{"format":"other","version":1,"name":"n","times":[],"metrics":{}}""", 0, "not of the format")]
    [InlineData("""{"format":"mlops.metric-history","version":2,"name":"n","times":[],"metrics":{}}""", 0, "version 2")]
    [InlineData("""{"format":"mlops.metric-history","version":1,"name":" ","times":[],"metrics":{}}""", 0, "name is empty")]
    [InlineData("""{"format":"mlops.metric-history","version":1,"name":"n","times":["yesterday"],"metrics":{}}""", 1, "$.times[0]")]
    [InlineData("""{"format":"mlops.metric-history","version":1,"name":"n","times":["2025-01-02T00:00:00Z","2025-01-02T01:00:00+01:00"],"metrics":{}}""", 0, "Time 2")]
    [InlineData("""{"format":"mlops.metric-history","version":1,"name":"n","times":["2025-01-02T00:00:00Z"],"metrics":{"a":[]}}""", 0, "'a' has 0 values for 1 times")]
    [InlineData("""{"format":"mlops.metric-history","version":1,"name":"n","times":["2025-01-02T00:00:00Z"],"metrics":{"a":null}}""", 0, "'a' has no list")]
    [InlineData("""{"format":"mlops.metric-history","version":1,"name":"n","times":["2025-01-02T00:00:00Z"],"metrics":{"":[1]}}""", 0, "no name")]
    [InlineData("""{"format":"mlops.metric-history","version":1,"name":"n","times":["2025-01-02T00:00:00Z"],"metrics":{"a":["x"]}}""", 1, "$.metrics.a[0]")]
    [InlineData("""{"format":"mlops.metric-history","version":1,"name":"n","times":["2025-01-02T00:00:00Z"],"metrics":{"a":[1],"a":[2]}}""", 1, "not the JSON")]
    public void FromJson_Damaged_SaysWhereAndWhatToDo(string json, long line, string words)
    {
        var error = Assert.Throws<DataFormatException>(() => MetricHistory.FromJson(Encoding.UTF8.GetBytes(json)));
        Assert.Equal(("metric history", line), (error.DataSource, error.Line));
        Assert.Contains(words, error.Message);
        Assert.True(error.Message.Contains("Restore") || error.Message.Contains("Read it with"));
    }

    [Fact]
    public async Task WriteAsync_ReadAsync_StreamsAreLeftOpen()
    {
        using var stream = new MemoryStream();
        await HistoryFiles.History(1, null, 3).WriteAsync(stream, Token);
        stream.Position = 0;
        Assert.Equal([1, null, 3], (await MetricHistory.ReadAsync(stream, cancellationToken: Token))["value"].Select(point => point.Value));
        Assert.True(stream.CanRead);
    }

    [Fact]
    public async Task SaveAsync_TwoHosts_KeepBothHostsValues()
    {
        var store = new InMemoryStateStore();
        var first = await MetricHistory.OpenAsync(store, "ridership", cancellationToken: Token);
        var second = await MetricHistory.OpenAsync(store, "ridership", cancellationToken: Token);
        first.Add(s_start, "row_count", 1);
        first.Add(s_start, "auc", 0.5);
        second.Add(s_start.AddDays(1), "row_count", 2);
        second.Add(s_start, "auc", 0.75);
        await first.SaveAsync(Token);
        await second.SaveAsync(Token);
        Assert.Equal([1.0, 2], second["row_count"].Select(point => point.Value));
        Assert.Equal([0.75], second["auc"].Select(point => point.Value));
        Assert.Single(first["row_count"]);
        await first.SaveAsync(Token);
        Assert.Equal(second.ToJson(), first.ToJson());
        Assert.Equal(second.ToJson(), (await MetricHistory.OpenAsync(store, "ridership", cancellationToken: Token)).ToJson());
        Assert.Empty((await MetricHistory.OpenAsync(store, "other", cancellationToken: Token)).Metrics);
    }

    [Fact]
    public async Task SaveAsync_OtherHostFasterBetweenReadingAndWriting_MergesInsteadOfLosing()
    {
        var inner = new InMemoryStateStore();
        var store = new InterruptedStore(inner);
        var history = await MetricHistory.OpenAsync(store, "h", cancellationToken: Token);
        history.Add(s_start, "a", 1);
        var interruptions = 0;
        store.BeforeWrite = async () =>
        {
            // Another host saves, and this one adds while it is saving; the fourth time only this one adds, and the write succeeds.
            history.Add(s_start.AddDays(-++interruptions), "a", -interruptions);
            if (interruptions == 4) return;
            var other = await MetricHistory.OpenAsync(inner, "h", cancellationToken: Token);
            other.Add(s_start.AddDays(interruptions), "a", 10 + interruptions);
            await other.SaveAsync(Token);
        };
        await history.SaveAsync(Token);
        Assert.Equal(4, interruptions);
        double?[] all = [-4, -3, -2, -1, 1, 11, 12, 13];
        Assert.Equal(all, history["a"].Select(point => point.Value));
        Assert.Equal(all[1..], (await MetricHistory.OpenAsync(inner, "h", cancellationToken: Token))["a"].Select(point => point.Value));
        store.BeforeWrite = null;
        await history.SaveAsync(Token);
        Assert.Equal(all, (await MetricHistory.OpenAsync(inner, "h", cancellationToken: Token))["a"].Select(point => point.Value));
    }

    [Fact]
    public async Task SaveAsync_ManyWritersAtOnce_NoValueIsLost()
    {
        const int Writers = 8, Runs = 25;
        var store = new InMemoryStateStore();
        var shared = await MetricHistory.OpenAsync(store, "h", cancellationToken: Token);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                // Half of the writers share one history, the others have their own.
                var history = writer % 2 == 0 ? shared : await MetricHistory.OpenAsync(store, "h", cancellationToken: Token);
                for (var run = 0; run < Runs; run++)
                {
                    history.Add(s_start.AddHours((run * Writers) + writer), "all", run);
                    history.Add(s_start.AddHours(run), $"writer{writer}", run);
                    await history.SaveAsync(Token);
                    await Task.Yield();
                }
            },
            Token)));
        var read = await MetricHistory.OpenAsync(store, "h", cancellationToken: Token);
        Assert.Equal(Writers * Runs, read["all"].Count);
        Assert.All(Enumerable.Range(0, Writers), writer => Assert.Equal(Runs, read[$"writer{writer}"].Count));
    }

    [Fact]
    public async Task SaveAsync_FailedStore_KeepsWhatWasAddedForTheNextAttempt()
    {
        var inner = new InMemoryStateStore();
        var store = new InterruptedStore(inner);
        var history = await MetricHistory.OpenAsync(store, "h", cancellationToken: Token);
        history.Add(s_start, "a", 1);
        store.BeforeWrite = () => throw new StorageException("test", "write", "It is full.");
        await Assert.ThrowsAsync<StorageException>(() => history.SaveAsync(Token));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => history.SaveAsync(cancelled.Token));
        store.BeforeWrite = null;
        await history.SaveAsync(Token);
        Assert.Single((await MetricHistory.OpenAsync(inner, "h", cancellationToken: Token))["a"]);
    }

    [Fact]
    public async Task SaveAsync_WithoutAStoreOrOverForeignContent_SaysWhatToDo()
    {
        Assert.Contains("OpenAsync", (await Assert.ThrowsAsync<InvalidOperationException>(() => HistoryFiles.History(1).SaveAsync(Token))).Message);
        var store = new InMemoryStateStore();
        var history = await MetricHistory.OpenAsync(store, "h", cancellationToken: Token);
        history.Add(s_start, "a", 1);
        Assert.True(await store.CompareAndSetAsync("metric-history/h", "{}"u8.ToArray(), null, Token));
        Assert.Contains("'metric-history/h' in the state store", (await Assert.ThrowsAsync<DataFormatException>(() => history.SaveAsync(Token))).Message);
        await Assert.ThrowsAsync<DataFormatException>(() => MetricHistory.OpenAsync(store, "h", cancellationToken: Token));
    }

    [Fact]
    public async Task SaveAsync_Retention_HoldsInTheStoreToo()
    {
        var store = new InMemoryStateStore();
        for (var day = 0; day < 5; day++)
        {
            var history = await MetricHistory.OpenAsync(store, "h", new MetricHistoryOptions { MaximumPoints = 2 }, Token);
            history.Add(s_start.AddDays(day), "a", day);
            await history.SaveAsync(Token);
        }

        Assert.Equal([3.0, 4], (await MetricHistory.OpenAsync(store, "h", cancellationToken: Token))["a"].Select(point => point.Value));
    }

    /// <summary>A store in which something happens before each write.</summary>
    private sealed class InterruptedStore(IStateStore inner) : IStateStore
    {
        public Func<Task>? BeforeWrite { get; set; }

        public Task<StateEntry?> GetAsync(string key, CancellationToken cancellationToken = default) => inner.GetAsync(key, cancellationToken);

        public async Task<bool> CompareAndSetAsync(string key, ReadOnlyMemory<byte>? value, string? expectedETag, CancellationToken cancellationToken = default)
        {
            if (BeforeWrite is { } happen) await happen();
            return await inner.CompareAndSetAsync(key, value, expectedETag, cancellationToken);
        }

        public Task<IStateLease?> TryAcquireLeaseAsync(string key, TimeSpan duration, CancellationToken cancellationToken = default) => inner.TryAcquireLeaseAsync(key, duration, cancellationToken);

        public IAsyncEnumerable<StateEntry> ListAsync(string prefix, CancellationToken cancellationToken = default) => inner.ListAsync(prefix, cancellationToken);
    }
}
