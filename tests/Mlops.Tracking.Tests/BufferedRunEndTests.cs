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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DisposeAsync_LoggedAfterAFailureWasReported_Throws(bool isPartlyWritten)
    {
        var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        for (var i = 0; i < 10; i++) run.LogMetric("m", 1, i);
        run.LogParam("p", "1");
        await Assert.ThrowsAsync<StorageException>(() => run.FlushAsync(Token));
        run.SetTag("t", "1");
        // As many wait as before, or fewer; but not the same.
        if (isPartlyWritten) _store.Before = operation => operation == "append" ? Task.CompletedTask : throw FaultyStore.Lasting();
        await Assert.ThrowsAsync<StorageException>(() => run.DisposeAsync().AsTask());
        await tracker.DisposeAsync();
    }

    /// <summary>Who has given up waiting was told of nothing.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DisposeAsync_FailureAfterTheCallerGaveUp_Throws(bool isCompletion)
    {
        var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Before = operation => operation == "append" ? gate.Task : Task.CompletedTask;
        run.LogMetric("m", 1);
        using var cancelling = new CancellationTokenSource();
        var waiting = isCompletion ? run.CompleteAsync(cancellationToken: cancelling.Token) : run.FlushAsync(cancelling.Token);
        while (_store.Appended.IsEmpty) await Task.Yield();
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _store.Before = _ => throw FaultyStore.Lasting();
        gate.SetException(FaultyStore.Lasting());
        while (tracker.GetStatus().Problem is null) await Task.Yield();
        await Assert.ThrowsAsync<StorageException>(() => run.DisposeAsync().AsTask());
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
    public async Task DisposeAsync_Twice_BothWaitUntilTheRunHasEnded()
    {
        var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        var (reached, gate) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _store.Before = operation =>
        {
            if (operation == "end") reached.TrySetResult();
            return operation == "end" ? gate.Task : Task.CompletedTask;
        };
        Task[] disposing = [tracker.DisposeAsync().AsTask(), tracker.DisposeAsync().AsTask(), run.DisposeAsync().AsTask()];
        await reached.Task.WaitAsync(Token);
        Assert.DoesNotContain(disposing, task => task.IsCompleted);
        gate.SetResult();
        await Task.WhenAll(disposing);
        Assert.Equal(RunStatus.Failed, (await _store.Inner.FindRunAsync(run.Id, Token))!.Status);
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

    [Fact]
    public async Task DisposeAsync_CompletionCancelledWhileTheStoreIsAsked_WaitsAndEndsTheRun()
    {
        await using var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        var gate = await CancelWhileAskedAsync(run);
        var disposing = run.DisposeAsync().AsTask();
        var stopping = tracker.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted || stopping.IsCompleted);
        // Only this attempt fails.
        _store.Before = _ => Task.CompletedTask;
        gate.SetException(FaultyStore.Lasting());
        await disposing;
        await stopping;
        var found = (await _store.Inner.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Finished, "1"), (found.Status, found.Params["p"]));
    }

    [Fact]
    public async Task DisposeAsync_CompletionCancelledAndStoreStaysDown_Throws()
    {
        await using var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        var gate = await CancelWhileAskedAsync(run);
        var disposing = run.DisposeAsync().AsTask();
        _store.Before = _ => throw FaultyStore.Lasting();
        gate.SetException(FaultyStore.Lasting());
        await Assert.ThrowsAsync<StorageException>(() => disposing);
    }

    [Fact]
    public async Task DisposeAsync_CompletionCancelledAndSpooled_ReturnsWhenItIsInTheFile()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-spool-");
        try
        {
            var options = new TrackerOptions { RetryDuration = TimeSpan.Zero };
            options.Spool.Directory = folder.FullName;
            await using (var tracker = _store.NewTracker(options))
            {
                var run = await tracker.StartRunAsync("e", null, Token);
                var gate = await CancelWhileAskedAsync(run);
                var disposing = run.DisposeAsync().AsTask();
                Assert.False(disposing.IsCompleted);
                gate.SetException(FaultyStore.Lasting());
                await disposing;
                Assert.True(folder.GetFiles().Single().Length > SpoolFile.HeaderLength);
                _store.Before = _ => Task.CompletedTask;
            }

            Assert.Empty(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<TaskCompletionSource> CancelWhileAskedAsync(Run run)
    {
        var (gate, asked) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _store.Before = operation =>
        {
            if (operation != "end") return Task.CompletedTask;
            asked.TrySetResult();
            return gate.Task;
        };
        run.LogParam("p", "1");
        using var cancelling = new CancellationTokenSource();
        var completing = run.CompleteAsync(cancellationToken: cancelling.Token);
        await asked.Task;
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => completing);
        return gate;
    }
}
