namespace Mlops.Tracking.Tests;

/// <summary>Who was taken for dead, and wakes when somebody else has resumed its run, leaves that alone.</summary>
public sealed class RunFencingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-spool-").FullName;
    private readonly FaultyStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task CompleteAsync_AnotherProcessHasResumedTheRun_IsRefused()
    {
        await using var first = NewTracker("first");
        await using var second = NewTracker("second");
        var stale = await first.StartRunAsync("e", null, Token);
        stale.LogMetric("m", 1);
        await stale.FlushAsync(Token);
        await using var resumed = await TakeOverAsync(second, stale.Id);
        stale.LogMetric("m", 99, 1000);
        stale.LogParam("p", "stale");
        Assert.Equal("run holder", (await Assert.ThrowsAsync<EntityConflictException>(() => stale.CompleteAsync(RunStatus.Failed, Token))).Kind);
        await stale.DisposeAsync();
        resumed.LogMetric("m", 3, 2);
        var done = await resumed.CompleteAsync(cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, 3.0, 0), (done.Status, done.Metrics["m"].Value, done.Params.Count));
    }

    [Fact]
    public async Task CompleteAsync_WhoHasResumedTheRunIsDead_IsRefusedAllTheSame()
    {
        await using var first = NewTracker("first");
        await using var second = NewTracker("second");
        var stale = await first.StartRunAsync("e", null, Token);
        var resumed = await TakeOverAsync(second, stale.Id);
        resumed.LogMetric("m", 3, 2);
        await resumed.FlushAsync(Token);
        await _store.Inner.EndRunAsync(stale.Id, RunStatus.Killed, DateTimeOffset.UnixEpoch, Token);
        stale.LogMetric("m", 99, 1000);
        await Assert.ThrowsAsync<EntityConflictException>(() => stale.CompleteAsync(cancellationToken: Token));
        var found = await first.GetRunAsync(stale.Id, Token);
        Assert.Equal((RunStatus.Killed, 3.0), (found.Status, found.Metrics["m"].Value));
        Assert.Equal(RunStatus.Failed, (await resumed.CompleteAsync(RunStatus.Failed, Token)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CompleteAsync_AnotherHandleOfTheProcessHasTheRun_IsRefused(bool isOneTracker)
    {
        await using var first = NewTracker("one");
        await using var second = NewTracker("one");
        await using var stale = await first.StartRunAsync("e", null, Token);
        await using var resumed = await TakeOverAsync(isOneTracker ? first : second, stale.Id);
        resumed.LogMetric("m", 3, 2);
        await Assert.ThrowsAsync<EntityConflictException>(() => stale.CompleteAsync(RunStatus.Killed, Token));
        // The lease is that of the other handle, and renewed.
        _store.Renewals.Clear();
        await first.RecoverAsync(Token);
        await second.RecoverAsync(Token);
        Assert.NotEmpty(_store.Renewals);
        var done = await resumed.CompleteAsync(cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, 3.0), (done.Status, done.Metrics["m"].Value));
    }

    [Fact]
    public async Task RecoverAsync_EndOfAProcessThatLostTheRun_IsKeptAside()
    {
        await using var second = NewTracker("second");
        string id;
        await using (var first = NewTracker("first"))
        {
            var stale = await first.StartRunAsync("e", null, Token);
            id = stale.Id;
            _store.Before = _ => throw FaultyStore.Lasting();
            stale.LogMetric("m", 99, 1000);
            await stale.CompleteAsync(cancellationToken: Token);
        }

        _store.Before = _ => Task.CompletedTask;
        await _store.Inner.EndRunAsync(id, RunStatus.Killed, DateTimeOffset.UnixEpoch, Token);
        await _store.Inner.ResumeRunAsync(id, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)), Token);
        await second.RecoverAsync(Token);
        var found = await second.GetRunAsync(id, Token);
        Assert.Equal((RunStatus.Running, 0), (found.Status, found.Metrics.Count));
        Assert.Equal(1, second.GetStatus().RefusedEntries);
        Assert.True(second.GetStatus().RefusedBytes > 0);
    }

    /// <summary>What is refused of a handle that is gone is not the fault of the one that holds the run.</summary>
    [Theory]
    [InlineData("first")]
    [InlineData("second")]
    public async Task RecoverAsync_RefusedEntriesOfAnotherHandle_LeaveTheHolderAlone(string host)
    {
        var first = NewTracker(host);
        var stale = await first.StartRunAsync("e", null, Token);
        await using var second = NewTracker("second");
        await second.RecoverAsync(Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        stale.LogParam("p", "stale");
        await stale.CompleteAsync(RunStatus.Failed, Token);
        await first.DisposeAsync();
        _store.Before = _ => Task.CompletedTask;
        await _store.Inner.EndRunAsync(stale.Id, RunStatus.Killed, DateTimeOffset.UnixEpoch, Token);
        // By a process that cannot see the file, which comes into the folder later.
        var files = Directory.GetFiles(_folder, "*.spool");
        foreach (var file in files) File.Move(file, file + ".away");
        await using var resumed = await second.ResumeRunAsync(stale.Id, Token);
        resumed.LogMetric("n", 1);
        foreach (var file in files) File.Move(file + ".away", file);
        await second.RecoverAsync(Token);

        resumed.LogMetric("n", 2, 1);
        await resumed.FlushAsync(Token);
        var done = await resumed.CompleteAsync(cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, 2.0), (done.Status, done.Metrics["n"].Value));
        Assert.True(second.GetStatus().RefusedEntries > 0);
    }

    private async Task<Run> TakeOverAsync(Tracker tracker, string run)
    {
        await _store.Inner.EndRunAsync(run, RunStatus.Killed, DateTimeOffset.UnixEpoch, Token);
        return await tracker.ResumeRunAsync(run, Token);
    }

    // Processes of other machines, which nobody here can know to be dead.
    private Tracker NewTracker(string host)
    {
        var options = new TrackerOptions { RetryDuration = TimeSpan.Zero, Owner = new RunOwner(host, 1, "1") };
        options.Spool.Directory = _folder;
        return _store.NewTracker(options);
    }
}
