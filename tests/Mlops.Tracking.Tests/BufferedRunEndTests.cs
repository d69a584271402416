namespace Mlops.Tracking.Tests;

public sealed class BufferedRunEndTests
{
    private readonly FaultyStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
}
