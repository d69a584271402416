using Mlops.Data;
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
    public async Task LogMetric_TimestampBefore1970_ThrowsAtOnce()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        Assert.Throws<ArgumentOutOfRangeException>("timestamp", () => run.LogMetric("m", 1, 0, DateTimeOffset.UnixEpoch.AddTicks(-1)));
        run.LogMetric("m", 1, 0, DateTimeOffset.UnixEpoch);
        Assert.Single((await run.CompleteAsync(cancellationToken: Token)).Metrics);
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
    public async Task DisposeAsync_EntriesCannotBeWritten_ThrowsBecauseNobodyWasTold()
    {
        var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await Assert.ThrowsAsync<StorageException>(() => run.DisposeAsync().AsTask());
        await run.DisposeAsync();
        await tracker.DisposeAsync();
    }

    [Fact]
    public async Task DisposeAsync_FailureWasReported_DoesNotThrowAgain()
    {
        var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await Assert.ThrowsAsync<StorageException>(() => run.FlushAsync(Token));
        await run.DisposeAsync();
        await tracker.DisposeAsync();
    }

    [Fact]
    public async Task CompleteAsync_ParamLoggedByAnotherHandle_ThrowsOnceAndKeepsTheRest()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("p", "theirs")] }, Token);
        run.LogParam("p", "ours");
        run.LogParam("q", "1");
        run.SetTag("t", "1");
        run.LogMetric("m", 1);
        Assert.Equal("p", (await Assert.ThrowsAsync<EntityConflictException>(() => run.CompleteAsync(cancellationToken: Token))).Name);
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(new Dictionary<string, string> { ["p"] = "theirs", ["q"] = "1" }, left.Params);
        Assert.Equal(("1", 1.0, RunStatus.Finished), (left.Tags["t"], left.Metrics["m"].Value, left.Status));
    }

    [Fact]
    public async Task DisposeAsync_ParamLoggedByAnotherHandle_EndsTheRunAndThrows()
    {
        await using var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("p", "theirs")] }, Token);
        run.LogParam("p", "ours");
        await Assert.ThrowsAsync<EntityConflictException>(() => run.DisposeAsync().AsTask());
        Assert.Equal(RunStatus.Failed, (await tracker.GetRunAsync(run.Id, Token)).Status);
    }

    [Fact]
    public async Task FlushAsync_RunEndedElsewhere_ThrowsRunFinishedFromThenOn()
    {
        await using var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.EndRunAsync(run.Id, RunStatus.Failed, DateTimeOffset.UnixEpoch, Token);
        run.LogMetric("m", 1);
        await Assert.ThrowsAsync<RunFinishedException>(() => run.FlushAsync(Token));
        Assert.Throws<RunFinishedException>(() => run.LogMetric("m", 2));
        await Assert.ThrowsAsync<RunFinishedException>(() => run.FlushAsync(Token));
        await Assert.ThrowsAsync<RunFinishedException>(() => run.CompleteAsync(cancellationToken: Token));
        await run.DisposeAsync();
    }

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
    public async Task CompleteAsync_AnswerLostAfterEnding_IsComplete()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var failures = 1;
        _store.Before = operation => operation == "ended" && failures-- > 0 ? throw FaultyStore.Passing() : Task.CompletedTask;
        Assert.Equal(RunStatus.Finished, (await run.CompleteAsync(cancellationToken: Token)).Status);
    }

    [Fact]
    public async Task CompleteAsync_Cancelled_LeavesTheRunGoingOn()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Before = _ => gate.Task;
        run.LogMetric("m", 1);
        using var cancelling = new CancellationTokenSource();
        var completing = run.CompleteAsync(cancellationToken: cancelling.Token);
        Assert.Throws<RunFinishedException>(() => run.LogMetric("m", 2));
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => completing);
        run.LogMetric("m", 3, 1);
        gate.SetResult();
        Assert.Equal(3, (await run.CompleteAsync(cancellationToken: Token)).Metrics["m"].Value);
    }

    /// <summary>A process that could not renew its lease, as the store was away, is not dead, and says how the run really ended.</summary>
    [Fact]
    public async Task CompleteAsync_RunTakenForDead_EndsAsItReallyDid()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.EndRunAsync(run.Id, RunStatus.Killed, DateTimeOffset.UnixEpoch, Token);
        run.LogMetric("m", 1);
        run.LogParam("p", "1");
        await run.CompleteAsync(cancellationToken: Token);
        var found = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Finished, 1.0, "1"), (found.Status, found.Metrics["m"].Value, found.Params["p"]));
    }

    [Fact]
    public async Task DisposeAsync_WhileAnotherCompletes_WaitsForIt()
    {
        await using var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Before = _ => gate.Task;
        run.LogMetric("m", 1);
        var completing = run.CompleteAsync(cancellationToken: Token);
        var disposing = run.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        gate.SetResult();
        await disposing;
        var found = await completing;
        Assert.Equal((RunStatus.Finished, 1.0), (found.Status, found.Metrics["m"].Value));
    }

    [Fact]
    public async Task DisposeAsync_WhileACompletionIsCancelled_EndsTheRunAsFailed()
    {
        await using var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Before = _ => gate.Task;
        run.LogMetric("m", 1);
        using var cancelling = new CancellationTokenSource();
        var completing = run.CompleteAsync(cancellationToken: cancelling.Token);
        var disposing = run.DisposeAsync().AsTask();
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => completing);
        gate.SetResult();
        await disposing;
        var found = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Failed, 1.0), (found.Status, found.Metrics["m"].Value));
    }

    [Fact]
    public async Task LogInput_WhatNoStoreKeeps_ThrowsAtOnceAndTheRunGoesOn()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var schema = new DataSchema([new ColumnSchema("x", ElementType.Float64)]);
        Assert.Throws<ArgumentException>(() => run.LogInput(new DatasetReference("d", "", 1, schema, null), "training"));
        Assert.Throws<ArgumentException>(() => run.LogInput(new DatasetReference("d", "1", 1, schema, "a\0b"), "training"));
        Assert.Throws<ArgumentException>(() => run.LogInput(new DatasetReference("d", "1", 1, schema, new string('x', 70_000)), "training"));
        run.LogMetric("m", 1);
        Assert.Equal(RunStatus.Finished, (await run.CompleteAsync(cancellationToken: Token)).Status);
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
    public async Task DisposeAsync_RunEndedElsewhereAndEntriesLost_Throws()
    {
        await using var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.EndRunAsync(run.Id, RunStatus.Finished, DateTimeOffset.UnixEpoch, Token);
        run.LogMetric("m", 1);
        await Assert.ThrowsAsync<RunFinishedException>(() => run.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task FlushAsync_OneRunOfSeveralIsDeleted_OthersAreWrittenAndItsCallerIsTold()
    {
        await using var tracker = _store.NewTracker();
        await using var good = await tracker.StartRunAsync("e", null, Token);
        await using var bad = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.SetRunStageAsync(bad.Id, LifecycleStage.Deleted, Token);
        for (var i = 0; i < 100; i++)
        {
            good.LogMetric("m", i, i);
            bad.LogMetric("m", i, i);
        }

        await good.FlushAsync(Token);
        Assert.Equal(100, await tracker.GetMetricHistoryAsync(good.Id, "m", Token).CountAsync(Token));
        await Assert.ThrowsAsync<EntityConflictException>(() => bad.FlushAsync(Token));
        Assert.Throws<EntityConflictException>(() => bad.LogMetric("m", 1));
        await bad.DisposeAsync();
        Assert.Equal(RunStatus.Finished, (await good.CompleteAsync(cancellationToken: Token)).Status);
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
    public async Task CompleteAsync_ParamsTagsAndEnd_AreOneUpdate()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        run.LogParam("p", "1");
        run.SetTag("t", "1");
        run.LogMetric("m", 1);
        await run.CompleteAsync(cancellationToken: Token);
        var update = Assert.Single(_store.Updates);
        Assert.Equal((1, 1, RunStatus.Finished), (update.Params.Count, update.Tags.Count, update.End!.Value.Status));
        Assert.Single(_store.RunsPerAppend);
        Assert.NotNull(Assert.Single(_store.Leases));
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
}
