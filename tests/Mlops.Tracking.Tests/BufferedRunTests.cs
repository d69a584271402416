using Microsoft.Extensions.Logging;
using Mlops.Testing;

namespace Mlops.Tracking.Tests;

public sealed class BufferedRunTests
{
    private readonly FaultyStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FlushAsync_StoreFailsForAWhile_RepeatsTheSameBatch()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var failures = 3;
        _store.Before = _ => failures-- > 0 ? throw FaultyStore.Passing() : Task.CompletedTask;
        run.LogMetric("m", 1);
        run.LogMetric("m", 2);
        await run.FlushAsync(Token);
        Assert.Equal([(1L, 2), (1L, 2), (1L, 2), (1L, 2)], _store.Appended);
        Assert.Equal(2, await tracker.GetMetricHistoryAsync(run.Id, "m", Token).CountAsync(Token));
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task FlushAsync_AnswerLostAfterWriting_CountsTheBatchOnce()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var failures = 1;
        _store.AfterAppend = () => failures-- > 0 ? throw FaultyStore.Passing() : Task.CompletedTask;
        run.LogMetric("m", 1);
        await run.FlushAsync(Token);
        run.LogMetric("m", 2);
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal([(1L, 1), (1L, 1), (2L, 1)], _store.Appended);
        Assert.Equal(2, left.Metrics["m"].Value);
        Assert.Equal(2, await tracker.GetMetricHistoryAsync(run.Id, "m", Token).CountAsync(Token));
    }

    [Fact]
    public async Task FlushAsync_StoreFails_ThrowsAndKeepsTheEntriesForTheNextFlush()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        run.LogParam("p", "1");
        await Assert.ThrowsAsync<StorageException>(() => run.FlushAsync(Token));
        await Assert.ThrowsAsync<StorageException>(() => run.CompleteAsync(cancellationToken: Token));
        run.LogMetric("m", 2);
        _store.Before = _ => Task.CompletedTask;
        await run.FlushAsync(Token);
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, "1", 2.0), (left.Status, left.Params["p"], left.Metrics["m"].Value));
    }

    [Fact]
    public async Task FlushAsync_StoreFailsLongerThanRetries_ThrowsTheTransientError()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { RetryDuration = TimeSpan.FromMilliseconds(60) });
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Passing();
        run.LogMetric("m", 1);
        Assert.True((await Assert.ThrowsAsync<StorageException>(() => run.FlushAsync(Token))).IsTransient);
        _store.Before = _ => Task.CompletedTask;
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task LogMetric_FlushIntervalPasses_IsWrittenWithoutAFlush()
    {
        var time = new ManualTimeProvider();
        await using var tracker = _store.NewTracker(new TrackerOptions { FlushInterval = TimeSpan.FromSeconds(2) }, time);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.AfterAppend = () =>
        {
            written.TrySetResult();
            return Task.CompletedTask;
        };
        run.LogMetric("m", 1);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(_store.Appended);
        time.Advance(TimeSpan.FromSeconds(1));
        await written.Task;
        var metric = (await tracker.GetRunAsync(run.Id, Token)).Metrics["m"];
        Assert.Equal(new Metric("m", 1, 0, time.GetUtcNow().AddSeconds(-2)), metric);
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task FlushAsync_SeveralRuns_AreAppendedInOneCall()
    {
        await using var tracker = _store.NewTracker();
        var runs = new List<Run>();
        for (var i = 0; i < 5; i++) runs.Add(await tracker.StartRunAsync("e", null, Token));
        foreach (var run in runs) run.LogMetric("m", 1);
        await runs[0].FlushAsync(Token);
        Assert.Equal([5], _store.RunsPerAppend);
        foreach (var run in runs) await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task FlushAsync_OtherThreadsLoggedBefore_WaitsForTheirsToo()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        for (var round = 1; round <= 20; round++)
        {
            var threads = Enumerable.Range(0, 4).Select(thread => new Thread(() => run.LogMetric("m" + thread, round, round))).ToArray();
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
            await run.FlushAsync(Token);
            var found = await tracker.GetRunAsync(run.Id, Token);
            Assert.All(Enumerable.Range(0, 4), thread => Assert.Equal(round, found.Metrics["m" + thread].Value));
        }

        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task LogParam_LongValue_IsCutWhenAskedFor()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { TruncateLongValues = true });
        await using var run = await tracker.StartRunAsync("e", null, Token);
        // A character of two units lies across the border.
        run.LogParam("p", new string('x', 5999) + "😀");
        run.SetTag("t", new string('y', 10_000_000));
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal((new string('x', 5999), 8000), (left.Params["p"], left.Tags["t"].Length));
    }

    [Fact]
    public async Task LogParam_ListLongerThanTheLimit_ThrowsAtOnceNamingTheParam()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var list = string.Join(", ", Enumerable.Repeat(new string('x', 1000), 100));
        Assert.Contains("'layers'", Assert.Throws<ArgumentException>(() => run.LogParam("layers", list)).Message, StringComparison.Ordinal);
        Assert.Contains("'layers'", Assert.Throws<ArgumentException>(() => run.LogParams([KeyValuePair.Create("layers", list)])).Message, StringComparison.Ordinal);
        Assert.Empty((await run.CompleteAsync(cancellationToken: Token)).Params);
    }

    [Fact]
    public async Task SetTag_TooLongOnlyBecauseOfMasks_IsCut()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var text = string.Concat(Enumerable.Repeat("pwd=a ", 1333));
        run.SetTag("t", text);
        run.LogParam("p", text[..6000]);
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal((8000, 6000), (left.Tags["t"].Length, left.Params["p"].Length));
        Assert.DoesNotContain("pwd=a", left.Tags["t"] + left.Params["p"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ErrorThatGrowsByMasks_IsKeptWithinTheLimit()
    {
        await using var tracker = _store.NewTracker();
        var id = "";
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => tracker.RunAsync(
            "e",
            run =>
            {
                id = run.Id;
                throw new InvalidOperationException(string.Concat(Enumerable.Repeat("pwd=a ", 5000)));
            },
            null,
            Token));
        var left = await tracker.GetRunAsync(id, Token);
        Assert.Equal(RunStatus.Failed, left.Status);
        Assert.InRange(left.Tags[RunTags.Error].Length, 7000, 8000);
        Assert.DoesNotContain("pwd=a", left.Tags[RunTags.Error], StringComparison.Ordinal);
        Assert.Equal(30_000, error.Message.Length);
    }

    [Fact]
    public async Task FlushAsync_LoggerThrows_WritingGoesOn()
    {
        var logger = new BrokenLogger();
        await using var tracker = _store.NewTracker(logger: logger);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await Assert.ThrowsAsync<StorageException>(() => run.FlushAsync(Token));
        _store.Before = _ => Task.CompletedTask;
        await run.FlushAsync(Token);
        Assert.Equal(1.0, (await run.CompleteAsync(cancellationToken: Token)).Metrics["m"].Value);
        Assert.True(logger.Calls > 0);
    }

    private sealed class BrokenLogger : ILogger<Tracker>
    {
        public int Calls { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw new InvalidOperationException("scope");

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Calls++;
            throw new InvalidOperationException("log");
        }
    }

    [Fact]
    public async Task StartRunAsync_LongNameAndTags_AreCutWhereThatIsWanted()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { TruncateLongValues = true });
        var options = new StartRunOptions { Name = new string('n', 300), Tags = new Dictionary<string, string> { ["t"] = new string('v', 9000) } };
        await using var run = await tracker.StartRunAsync("e", options, Token);
        var found = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((250, 8000), (found.Name.Length, found.Tags["t"].Length));
        run.SetName(new string('m', 300));
        Assert.Equal(new string('m', 250), (await run.CompleteAsync(cancellationToken: Token)).Name);
    }

    [Fact]
    public async Task StartRunAsync_TagTooLongBecauseOfItsMasks_IsCut()
    {
        await using var tracker = _store.NewTracker();
        var text = string.Concat(Enumerable.Repeat("pwd=a ", 1330));
        await using var run = await tracker.StartRunAsync("e", new StartRunOptions { Tags = new Dictionary<string, string> { ["t"] = text } }, Token);
        Assert.Equal(8000, (await tracker.GetRunAsync(run.Id, Token)).Tags["t"].Length);
        await Assert.ThrowsAsync<ArgumentException>(() => tracker.StartRunAsync("e", new StartRunOptions { Name = new string('n', 251) }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => tracker.StartRunAsync("e", new StartRunOptions { Tags = new Dictionary<string, string> { ["t"] = new string('v', 8001) } }, Token));
    }

    [Fact]
    public async Task DisposeAsync_ManyRunsAndStoreDown_WritesThemTogether()
    {
        var time = new Mlops.Testing.ManualTimeProvider();
        var tracker = _store.NewTracker(new TrackerOptions { RetryDuration = TimeSpan.Zero }, time);
        for (var i = 0; i < 50; i++) (await tracker.StartRunAsync("e", null, Token)).LogMetric("m", 1);
        _store.Appended.Clear();
        _store.Before = _ => throw FaultyStore.Lasting();
        var error = await Assert.ThrowsAsync<AggregateException>(() => tracker.DisposeAsync().AsTask());
        Assert.Equal(50, error.InnerExceptions.Count);
        // Not an attempt for each run: a pass for the first, one for those that came meanwhile, which may be cut off once more.
        Assert.InRange(_store.RunsPerAppend.Count, 1, 10);
    }
}
