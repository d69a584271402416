using Mlops.Testing;

namespace Mlops.Tracking.Tests;

/// <summary>Changes of a run are made once, however often they are delivered.</summary>
public sealed class RepeatedChangesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-spool-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly ListLogger _logger = new();
    private readonly FaultyStore _store;

    public RepeatedChangesTests() => _store = new FaultyStore(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task CompleteAsync_AnswerLostThenSpooled_IsNoRefusal()
    {
        await using var tracker = NewTracker();
        await using var other = await tracker.StartRunAsync("e", null, Token);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        run.LogParam("p", "1");
        run.LogMetric("m", 1);
        _store.Before = operation => operation == "ended" ? throw FaultyStore.Passing() : Task.CompletedTask;
        await run.CompleteAsync(cancellationToken: Token);
        Assert.True(tracker.GetStatus().SpooledBytes > 0);
        await DeliverAsync(other);
        AssertNothingRefused(tracker);
        await other.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task RecoverAsync_PieceComesTwice_IsNoRefusal()
    {
        var (ended, other) = await LeaveTwoRunsAsync();
        await using var next = NewTracker();
        _store.BeforeUpdate = run => run == other ? throw FaultyStore.Lasting() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => next.RecoverAsync(Token));
        var found = await next.GetRunAsync(ended, Token);
        Assert.Equal((RunStatus.Finished, "1", "x", 1.0), (found.Status, found.Params["p"], found.Tags["t"], found.Metrics["m"].Value));
        _store.BeforeUpdate = _ => Task.CompletedTask;
        await next.RecoverAsync(Token);
        Assert.Equal("1", (await next.GetRunAsync(other, Token)).Params["q"]);
        AssertNothingRefused(next);
    }

    /// <summary>A later number of the same writer would make what is refused seem delivered.</summary>
    [Fact]
    public async Task RecoverAsync_RefusedBeforeAFailure_IsKept()
    {
        var tracker = NewTracker();
        var (run, other) = (await tracker.StartRunAsync("e", null, Token), await tracker.StartRunAsync("e", null, Token));
        _store.Before = _ => throw FaultyStore.Lasting();
        foreach (var tag in new[] { "odd", "2" })
        {
            run.SetTag("t", tag);
            await run.FlushAsync(Token);
        }

        other.LogParam("q", "1");
        await other.FlushAsync(Token);
        await tracker.DisposeAsync();
        _store.Before = _ => Task.CompletedTask;
        _store.Refuses = text => text == "odd";
        _store.BeforeUpdate = id => id == other.Id ? throw FaultyStore.Lasting() : Task.CompletedTask;
        await using var next = NewTracker();
        await Assert.ThrowsAsync<StorageException>(() => next.RecoverAsync(Token));
        _store.BeforeUpdate = _ => Task.CompletedTask;
        await next.RecoverAsync(Token);
        Assert.Equal(1, next.GetStatus().RefusedEntries);
        Assert.True(next.GetStatus().RefusedBytes > 0);
        Assert.Equal("2", (await next.GetRunAsync(run.Id, Token)).Tags["t"]);
    }

    [Fact]
    public async Task RecoverAsync_PieceComesTwiceAndRunWasResumed_LeavesItRunning()
    {
        var (ended, other) = await LeaveTwoRunsAsync();
        await using var next = NewTracker();
        _store.BeforeUpdate = run => run == other ? throw FaultyStore.Lasting() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => next.RecoverAsync(Token));
        await _store.Inner.ResumeRunAsync(ended, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)), Token);
        _store.BeforeUpdate = _ => Task.CompletedTask;
        await next.RecoverAsync(Token);
        Assert.Equal((RunStatus.Running, null), ((await next.GetRunAsync(ended, Token)).Status, (await next.GetRunAsync(ended, Token)).EndTime));
        AssertNothingRefused(next);
    }

    /// <summary>A param is refused, and the end, of the same update, is made without an answer.</summary>
    [Fact]
    public async Task CompleteAsync_SomethingRefusedAndAnswerLost_RefusesNothingElse()
    {
        await using var tracker = NewTracker();
        await using var other = await tracker.StartRunAsync("e", null, Token);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("p", "another")] }, Token);
        foreach (var name in new[] { "o", "p", "q" }) run.LogParam(name, "1");
        _store.Before = operation => operation == "ended" ? throw FaultyStore.Passing() : Task.CompletedTask;
        Assert.Equal("param", (await Assert.ThrowsAsync<EntityConflictException>(() => run.CompleteAsync(cancellationToken: Token))).Kind);
        Assert.True(tracker.GetStatus().SpooledBytes > 0);
        await DeliverAsync(other);
        var found = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Finished, "1", "another", "1"), (found.Status, found.Params["o"], found.Params["p"], found.Params["q"]));
        Assert.Equal((1L, 0L, 0L), (tracker.GetStatus().RefusedEntries, tracker.GetStatus().RefusedBytes, tracker.GetStatus().SpooledBytes));
        await other.CompleteAsync(cancellationToken: Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RecoverAsync_SomethingRefusedAndAnswerLost_RefusesNothingElse(bool isResumed)
    {
        var tracker = NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("p", "another")] }, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        foreach (var name in new[] { "o", "p", "q" }) run.LogParam(name, "1");
        await run.CompleteAsync(cancellationToken: Token);
        await tracker.DisposeAsync();
        await using var next = NewTracker();
        _store.Before = operation => operation == "ended" ? throw FaultyStore.Passing() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => next.RecoverAsync(Token));
        _store.Before = _ => Task.CompletedTask;
        if (isResumed)
        {
            // As if the reason were gone, which is when the whole would be made again.
            await _store.Inner.ResumeRunAsync(run.Id, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)), Token);
        }

        await next.RecoverAsync(Token);
        var found = await next.GetRunAsync(run.Id, Token);
        Assert.Equal((isResumed ? RunStatus.Running : RunStatus.Finished, "1", "another", "1"), (found.Status, found.Params["o"], found.Params["p"], found.Params["q"]));
        Assert.Equal(1, next.GetStatus().RefusedEntries);
        var refused = Assert.Single(Directory.GetFiles(_folder));
        Assert.EndsWith(".refused", refused, StringComparison.Ordinal);
        Assert.Equal(1, _logger.Lines.Count(line => line.Contains("LogRefusedKept", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task CompleteAsync_AgainAfterLostAnswer_IsTheSameUpdate()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { RetryDuration = TimeSpan.Zero }, _time, _logger);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        run.LogParam("p", "1");
        _store.Before = operation => operation == "ended" ? throw FaultyStore.Passing() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => run.CompleteAsync(cancellationToken: Token));
        _store.Before = _ => Task.CompletedTask;
        var (asked, count) = (_time.GetUtcNow(), _store.Updates.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        var found = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, asked.ToUnixTimeMilliseconds(), "1"), (found.Status, found.EndTime!.Value.ToUnixTimeMilliseconds(), found.Params["p"]));
        Assert.Single(_store.Updates.Skip(count - 1).Select(update => update.Origin).Distinct());
        AssertNothingRefused(tracker);
    }

    /// <summary>Its handle stays until it is disposed, because who completed the run has given up; passes go on meanwhile.</summary>
    [Fact]
    public async Task FlushAsync_HandleThatHasEndedItsRunIsStillThere_DoesNotEndItAgain()
    {
        await using var tracker = NewTracker();
        await using var other = await tracker.StartRunAsync("e", null, Token);
        var ended = await tracker.StartRunAsync("e", null, Token);
        var (asked, gate) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _store.Before = operation => operation == "end" && asked.TrySetResult() ? gate.Task : Task.CompletedTask;
        using var cancelling = new CancellationTokenSource();
        var completing = ended.CompleteAsync(cancellationToken: cancelling.Token);
        await asked.Task.WaitAsync(Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => completing);
        gate.SetResult();
        await other.FlushAsync(Token);

        await using var resumed = await tracker.ResumeRunAsync(ended.Id, Token);
        resumed.LogMetric("n", 1);
        await resumed.FlushAsync(Token);
        await ended.DisposeAsync();
        var found = await tracker.GetRunAsync(ended.Id, Token);
        Assert.Equal((RunStatus.Running, 1.0), (found.Status, found.Metrics["n"].Value));
        Assert.Single(_store.Updates, update => update.End is not null);
        await resumed.CompleteAsync(cancellationToken: Token);
        await other.CompleteAsync(cancellationToken: Token);
        AssertNothingRefused(tracker);
    }

    [Fact]
    public async Task CompleteAsync_ManyRunsResumedAtOnce_EndsEachOnce()
    {
        await using var tracker = NewTracker();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var i = 0; i < 100; i++)
            {
                var run = await tracker.StartRunAsync("e", null, Token);
                run.LogMetric("m", i);
                await run.CompleteAsync(cancellationToken: Token);
                await using var resumed = await tracker.ResumeRunAsync(run.Id, Token);
                resumed.LogMetric("n", 1);
                await resumed.FlushAsync(Token);
                resumed.LogMetric("n", 2, 1);
                Assert.Equal((RunStatus.Failed, 2.0), (await resumed.CompleteAsync(RunStatus.Failed, Token)) is var done ? (done.Status, done.Metrics["n"].Value) : default);
            }
        }));
        Assert.Equal(1600, _store.Updates.Count(update => update.End is not null));
        AssertNothingRefused(tracker);
    }

    [Fact]
    public async Task DisposeAsync_AfterLostAnswer_LeavesTheRunAsItWasCompleted()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { RetryDuration = TimeSpan.Zero }, _time, _logger);
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = operation => operation == "ended" ? throw FaultyStore.Passing() : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => run.CompleteAsync(cancellationToken: Token));
        _store.Before = _ => Task.CompletedTask;
        await run.DisposeAsync();
        Assert.Equal(RunStatus.Finished, (await tracker.GetRunAsync(run.Id, Token)).Status);
        AssertNothingRefused(tracker);
    }

    [Fact]
    public async Task FlushAsync_AfterFailures_MakesEachChangeOnceAndInOrder()
    {
        await using var tracker = _store.NewTracker(new TrackerOptions { RetryDuration = TimeSpan.Zero }, _time, _logger);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        for (var i = 1; i <= 3; i++)
        {
            _store.Before = operation => operation == "update" ? throw FaultyStore.Lasting() : Task.CompletedTask;
            run.SetName($"name {i}");
            run.SetTag("t", $"{i}");
            await Assert.ThrowsAsync<StorageException>(() => run.FlushAsync(Token));
        }

        await Assert.ThrowsAsync<StorageException>(() => run.CompleteAsync(cancellationToken: Token));
        // It goes on: what was asked for before is not asked for when it was taken back.
        _store.Before = _ => Task.CompletedTask;
        run.SetTag("u", "1");
        await run.FlushAsync(Token);
        var found = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Running, "3", "1", "name 3"), (found.Status, found.Tags["t"], found.Tags["u"], found.Name));
        Assert.Equal(RunStatus.Finished, (await run.CompleteAsync(cancellationToken: Token)).Status);
    }

    private void AssertNothingRefused(Tracker tracker)
    {
        Assert.Equal((0L, 0L, 0L), (tracker.GetStatus().RefusedEntries, tracker.GetStatus().RefusedBytes, tracker.GetStatus().SpooledBytes));
        Assert.DoesNotContain(_logger.Lines, line => line.Contains("LogRefused", StringComparison.Ordinal));
    }

    private async Task DeliverAsync(Run any)
    {
        _store.Before = _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(30));
        await any.FlushAsync(Token);
    }

    // A run that was completed, and another whose entries follow, of a process that has ended while the store was down.
    private async Task<(string Ended, string Other)> LeaveTwoRunsAsync()
    {
        var tracker = NewTracker();
        var (ended, other) = (await tracker.StartRunAsync("e", null, Token), await tracker.StartRunAsync("e", null, Token));
        _store.Before = _ => throw FaultyStore.Lasting();
        ended.LogParam("p", "1");
        ended.LogMetric("m", 1);
        ended.SetTag("t", "x");
        await ended.CompleteAsync(cancellationToken: Token);
        other.LogParam("q", "1");
        await other.FlushAsync(Token);
        await tracker.DisposeAsync();
        _store.Before = _ => Task.CompletedTask;
        return (ended.Id, other.Id);
    }

    private Tracker NewTracker()
    {
        var options = new TrackerOptions { RetryDuration = TimeSpan.Zero };
        options.Spool.Directory = _folder;
        return _store.NewTracker(options, _time, _logger);
    }
}
