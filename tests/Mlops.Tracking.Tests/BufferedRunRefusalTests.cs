using Mlops.Data;
using Mlops.Testing;

namespace Mlops.Tracking.Tests;

public sealed class BufferedRunRefusalTests
{
    private readonly FaultyStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LogMetric_TimestampBefore1970_ThrowsAtOnce()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        Assert.Throws<ArgumentOutOfRangeException>("timestamp", () => run.LogMetric("m", 1, 0, DateTimeOffset.UnixEpoch.AddTicks(-1)));
        run.LogMetric("m", 1, 0, DateTimeOffset.UnixEpoch);
        Assert.Single((await run.CompleteAsync(cancellationToken: Token)).Metrics);
    }

    /// <summary>Whether the entry falls into the pass of the end or into an earlier one does not matter.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CompleteAsync_ParamLoggedByAnotherHandle_ThrowsAndTheRunEndsWithTheRest(bool isWrittenBefore)
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        await using var other = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("p", "theirs")] }, Token);
        run.LogParam("a", "1");
        run.LogParam("p", "ours");
        run.LogParam("q", "1");
        run.SetTag("t", "1");
        run.LogMetric("m", 1);
        other.LogParam("p", "1");
        // The flush of another run is a pass of all.
        if (isWrittenBefore) await other.FlushAsync(Token);
        Assert.Equal("p", (await Assert.ThrowsAsync<EntityConflictException>(() => run.CompleteAsync(cancellationToken: Token))).Name);
        var left = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "1", ["p"] = "theirs", ["q"] = "1" }, left.Params);
        Assert.Equal(("1", 1.0, RunStatus.Finished), (left.Tags["t"], left.Metrics["m"].Value, left.Status));
        Assert.NotNull(left.EndTime);
        await Assert.ThrowsAsync<RunFinishedException>(() => run.CompleteAsync(cancellationToken: Token));
        Assert.Equal("1", (await other.CompleteAsync(cancellationToken: Token)).Params["p"]);
        Assert.Equal(1, tracker.GetStatus().RefusedEntries);
    }

    [Fact]
    public async Task FlushAsync_ParamLoggedByAnotherHandle_ThrowsOnceAndTheRunGoesOn()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("p", "theirs")] }, Token);
        run.LogParam("p", "ours");
        Assert.Equal("p", (await Assert.ThrowsAsync<EntityConflictException>(() => run.FlushAsync(Token))).Name);
        run.LogMetric("m", 1);
        await run.FlushAsync(Token);
        Assert.Equal(RunStatus.Finished, (await run.CompleteAsync(cancellationToken: Token)).Status);
    }

    [Fact]
    public async Task FlushAsync_StoreCannotKeepOneEntry_RefusesThatOneOnly()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        await using var other = await tracker.StartRunAsync("e", null, Token);
        _store.Refuses = text => text is "bad" or "worse";
        run.LogMetric("m", 1);
        run.SetTag("a", "1");
        run.SetTag("b", "bad");
        run.SetTag("c", "1");
        run.LogParam("p", "worse");
        run.LogParam("q", "1");
        other.SetTag("a", "1");
        await other.FlushAsync(Token);
        var error = await Assert.ThrowsAsync<EntityConflictException>(() => run.FlushAsync(Token));
        Assert.Contains("2 entries", error.Message, StringComparison.Ordinal);
        await run.FlushAsync(Token);
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(("1", "1", "1", 1.0), (left.Tags["a"], left.Tags["c"], left.Params["q"], left.Metrics["m"].Value));
        Assert.False(left.Tags.ContainsKey("b") || left.Params.ContainsKey("p"));
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
    public async Task DisposeAsync_RunEndedElsewhereAndEntriesLost_Throws()
    {
        await using var tracker = _store.NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        await _store.Inner.EndRunAsync(run.Id, RunStatus.Finished, DateTimeOffset.UnixEpoch, Token);
        run.LogMetric("m", 1);
        await Assert.ThrowsAsync<RunFinishedException>(() => run.DisposeAsync().AsTask());
    }

    /// <summary>Nobody writes to it any more, so whoever comes first may resume it when the lease is over.</summary>
    [Fact]
    public async Task RecoverAsync_DeletedRunWasRefusedAndIsRestored_LeaseIsNotRenewed()
    {
        var time = new ManualTimeProvider();
        var store = new FaultyStore(time);
        await using var tracker = store.NewTracker(timeProvider: time);
        await using var other = store.NewTracker(timeProvider: time);
        var run = await tracker.StartRunAsync("e", null, Token);
        await using var good = await tracker.StartRunAsync("e", null, Token);
        await tracker.DeleteRunAsync(run.Id, Token);
        run.SetTag("t", "1");
        await Assert.ThrowsAsync<EntityConflictException>(() => run.FlushAsync(Token));
        await tracker.RestoreRunAsync(run.Id, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => other.ResumeRunAsync(run.Id, Token));
        for (var i = 0; i < 4; i++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await tracker.RecoverAsync(Token);
        }

        Assert.Equal(RunStatus.Killed, (await tracker.GetRunAsync(run.Id, Token)).Status);
        Assert.Equal(RunStatus.Running, (await tracker.GetRunAsync(good.Id, Token)).Status);
        await using var resumed = await other.ResumeRunAsync(run.Id, Token);
        Assert.Equal(RunStatus.Finished, (await resumed.CompleteAsync(cancellationToken: Token)).Status);
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
}
