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
        await _store.Inner.EndRunAsync(run.Id, RunStatus.Killed, DateTimeOffset.UnixEpoch, Token);
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
}
