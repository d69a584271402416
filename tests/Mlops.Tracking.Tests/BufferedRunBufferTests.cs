namespace Mlops.Tracking.Tests;

public sealed class BufferedRunBufferTests
{
    private readonly FaultyStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LogMetric_BufferFull_WaitsForTheStore()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { BufferCapacity = 10, MaxBatchSize = 4 });
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Before = _ => gate.Task;
        for (var i = 0; i < 10; i++) run.LogMetric("m", i, i);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var logging = Task.Run(
            () =>
            {
                waiting.SetResult();
                run.LogMetric("m", 10, 10);
            },
            Token);
        await waiting.Task;
        Assert.False(logging.IsCompleted);
        Assert.Empty((await tracker.GetRunAsync(run.Id, Token)).Metrics);
        gate.SetResult();
        await logging;
        await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(11, await tracker.GetMetricHistoryAsync(run.Id, "m", Token).CountAsync(Token));
        Assert.All(_store.Appended, batch => Assert.InRange(batch.Count, 1, 4));
        Assert.Equal(Enumerable.Range(1, _store.Appended.Count).Select(i => (long)i), _store.Appended.Select(batch => batch.Sequence));
    }

    [Fact]
    public async Task LogMetric_BufferFullAndStoreFails_ThrowsInsteadOfWaitingForEver()
    {
        var tracker = _store.NewTracker(new TrackerOptions { BufferCapacity = 4 });
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        for (var i = 0; i < 4; i++) run.LogMetric("m", i, i);
        Assert.IsType<StorageException>(Assert.Throws<StorageException>(() => run.LogMetric("m", 5)).InnerException);
        _store.Before = _ => Task.CompletedTask;
        await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(4, await tracker.GetMetricHistoryAsync(run.Id, "m", Token).CountAsync(Token));
        await tracker.DisposeAsync();
    }

    [Fact]
    public async Task SetName_ManyTimes_TakesOnePlaceInTheBuffer()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { BufferCapacity = 10, FlushInterval = TimeSpan.FromHours(1) });
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Before = _ => gate.Task;
        for (var i = 0; i < 100; i++) run.SetName($"name {i}");
        gate.SetResult();
        Assert.Equal("name 99", (await run.CompleteAsync(cancellationToken: Token)).Name);
    }

    [Fact]
    public async Task SetName_WhileAnotherNameWaitsInAPass_TakesOnePlaceInTheBuffer()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { BufferCapacity = 100, FlushInterval = TimeSpan.FromHours(1) });
        await using var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = operation => operation == "append" ? throw FaultyStore.Lasting() : Task.CompletedTask;
        run.LogMetric("m", 1);
        for (var i = 0; i < 100; i++)
        {
            run.SetName($"name {i}");
            await Assert.ThrowsAsync<StorageException>(() => run.FlushAsync(Token));
        }

        _store.Before = _ => Task.CompletedTask;
        Assert.Equal("name 99", (await run.CompleteAsync(cancellationToken: Token)).Name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(5000)]
    public async Task LogMetric_ManyThreadsAndRunsAndLittleRoom_LosesNothingAndKeepsTheOrderOfEachThread(int capacity)
    {
        const int Threads = 4, Count = 3000;
        await using var tracker = _store.NewTracker(new TrackerOptions { BufferCapacity = capacity, MaxBatchSize = 700 });
        var runs = new List<Run>();
        for (var i = 0; i < 3; i++) runs.Add(await tracker.StartRunAsync("e", null, Token));
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Count; i++) runs[i % runs.Count].LogMetric("t" + thread, i, i);
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        foreach (var run in runs) await run.CompleteAsync(cancellationToken: Token);
        for (var r = 0; r < runs.Count; r++)
        {
            for (var thread = 0; thread < Threads; thread++)
            {
                var history = await tracker.GetMetricHistoryAsync(runs[r].Id, "t" + thread, Token).Select(metric => metric.Step).ToListAsync(Token);
                Assert.Equal(Enumerable.Range(0, Count).Where(i => i % runs.Count == r).Select(i => (long)i), history);
            }
        }

        Assert.All(_store.Appended, batch => Assert.InRange(batch.Count, 1, 700));
        Assert.Equal((0, 0L), (tracker.GetStatus().RunningRuns, tracker.GetStatus().BufferedEntries));
    }

    [Fact]
    public async Task LogMetric_SteadyState_AllocatesNothing()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { FlushInterval = TimeSpan.FromHours(1), MaxBatchSize = 1_000_000, BufferCapacity = 1_000_000 });
        await using var run = await tracker.StartRunAsync("e", null, Token);
        // The first segments are short; then a long one is allocated for 1024 measurements.
        for (var i = 0; i < 64 + 256 + 1; i++) run.LogMetric("m", i, i);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) run.LogMetric("m", i, i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task SetTag_MoreBytesThanTheBufferTakes_WaitsForTheStore()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { BufferBytes = 100_000, FlushInterval = TimeSpan.FromHours(1) });
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Before = _ => gate.Task;
        var count = 0;
        var logging = Task.Run(
            () =>
            {
                for (; count < 50; count++) run.SetTag($"t{count}", new string('x', 8000));
            },
            Token);
        // Each takes 16 kB.
        while (Volatile.Read(ref count) < 6) await Task.Yield();
        run.LogMetric("m", 1);
        Assert.InRange(tracker.GetStatus().BufferedEntries, 1, 7);
        Assert.False(logging.IsCompleted);
        gate.SetResult();
        await logging;
        Assert.Equal(50, (await run.CompleteAsync(cancellationToken: Token)).Tags.Count(tag => tag.Value.Length == 8000));
    }

    [Fact]
    public async Task SetTag_EntryLargerThanTheBuffer_GoesByItself()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { BufferBytes = 1 });
        await using var run = await tracker.StartRunAsync("e", null, Token);
        for (var i = 0; i < 5; i++) run.SetTag($"t{i}", new string('x', 8000));
        await using (var dropped = await tracker.StartRunAsync("e", null, Token)) dropped.SetTag("t", new string('x', 8000));
        Assert.Equal(5, (await run.CompleteAsync(cancellationToken: Token)).Tags.Count);
    }

    /// <summary>Threads that hold room and log no more do not keep others from logging.</summary>
    [Fact]
    public async Task LogMetric_RoomHeldByIdleThreads_IsGivenToOthersAfterAPass()
    {
        const int Threads = 64, Count = 400;
        await using var tracker = _store.NewTracker(new TrackerOptions { BufferCapacity = 1024, FlushInterval = TimeSpan.FromHours(1) });
        await using var run = await tracker.StartRunAsync("e", null, Token);
        using var isOver = new ManualResetEventSlim();
        var logged = new CountdownEvent(Threads);
        var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            for (var i = 0; i < Count; i++) run.LogMetric($"t{thread}", i, i);
            logged.Signal();
            // Its lane stays, with a segment that is partly filled.
            isOver.Wait(Token);
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        logged.Wait(Token);
        run.LogMetric("last", 1);
        isOver.Set();
        foreach (var thread in threads) thread.Join();
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(Threads + 1, left.Metrics.Count);
        Assert.Equal(Threads * Count, (await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => tracker.GetMetricHistoryAsync(run.Id, $"t{thread}", Token).CountAsync(Token).AsTask()))).Sum());
    }
}
