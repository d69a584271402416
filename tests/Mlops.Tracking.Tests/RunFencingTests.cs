using Mlops.Testing;

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

    /// <summary>What it measured before was acknowledged, so it is delivered; its end never can be, and is not kept.</summary>
    [Fact]
    public async Task RecoverAsync_FileOfAProcessThatLostTheRun_AddsItsMetricsOnly()
    {
        await using var second = NewTracker("second");
        var id = await LeaveInTheSpoolAsync(stale =>
        {
            for (var i = 0; i < 10; i++) stale.LogMetric("m", i, i);
            stale.SetTag("t", "stale");
        });
        await _store.Inner.EndRunAsync(id, RunStatus.Killed, DateTimeOffset.UnixEpoch, Token);
        await _store.Inner.ResumeRunAsync(id, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)), Token);
        await second.RecoverAsync(Token);
        var found = await second.GetRunAsync(id, Token);
        Assert.Equal((RunStatus.Running, 9.0, 0), (found.Status, found.Metrics["m"].Value, found.Tags.Count));
        Assert.Equal(1, second.GetStatus().RefusedEntries);
        // The tag may be wanted all the same.
        Rename();
        await second.RecoverAsync(Token);
        Assert.Equal((RunStatus.Running, "stale"), ((await second.GetRunAsync(id, Token)).Status, (await second.GetRunAsync(id, Token)).Tags["t"]));
        Assert.Equal((1L, 0L), (second.GetStatus().RefusedEntries, second.GetStatus().RefusedBytes));
    }

    [Fact]
    public async Task RecoverAsync_EndOfAProcessThatLostTheRun_IsNotKept()
    {
        await using var second = NewTracker("second");
        var id = await LeaveInTheSpoolAsync(_ => { });
        await _store.Inner.EndRunAsync(id, RunStatus.Failed, DateTimeOffset.UnixEpoch, Token);
        await second.RecoverAsync(Token);
        Assert.Equal(RunStatus.Failed, (await second.GetRunAsync(id, Token)).Status);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    /// <summary>As the documentation tells: what was refused because the run had ended is delivered when it goes on.</summary>
    [Fact]
    public async Task RecoverAsync_RefusedFileRenamedWhenTheRunIsResumed_IsDelivered()
    {
        var id = await LeaveInTheSpoolAsync(run =>
        {
            for (var i = 0; i < 10; i++) run.LogMetric("m", i, i);
            run.LogParam("p", "1");
        });
        await _store.Inner.EndRunAsync(id, RunStatus.Failed, DateTimeOffset.UnixEpoch, Token);
        await using var second = NewTracker("second");
        await second.RecoverAsync(Token);
        await using var resumed = await second.ResumeRunAsync(id, Token);
        Assert.Equal(11, second.GetStatus().RefusedEntries);
        Rename();
        await second.RecoverAsync(Token);
        resumed.LogMetric("n", 1);
        var done = await resumed.CompleteAsync(cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, 9.0, "1", 1.0), (done.Status, done.Metrics["m"].Value, done.Params["p"], done.Metrics["n"].Value));
        Assert.Empty(Directory.GetFiles(_folder, "*.refused"));
    }

    [Fact]
    public async Task ResumeRunAsync_FileOfADeadProcess_IsDeliveredFirst()
    {
        await using var second = NewTracker("second");
        await second.RecoverAsync(Token);
        string id;
        await using (var first = NewTracker("first"))
        {
            var run = await first.StartRunAsync("e", null, Token);
            id = run.Id;
            _store.Before = _ => throw FaultyStore.Lasting();
            run.LogMetric("m", 1);
            run.LogParam("p", "1");
            run.SetTag("t", "1");
            await run.CompleteAsync(RunStatus.Failed, Token);
        }

        _store.Before = _ => Task.CompletedTask;
        await using var resumed = await second.ResumeRunAsync(id, Token);
        Assert.Throws<EntityConflictException>(() => resumed.LogParam("p", "2"));
        var done = await resumed.CompleteAsync(cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, 1.0, "1", "1"), (done.Status, done.Metrics["m"].Value, done.Params["p"], done.Tags["t"]));
        Assert.Equal(0, second.GetStatus().RefusedEntries);
    }

    /// <summary>A run that was completed into the spool, and is taken for dead before it is delivered, is resumed by the same tracker.</summary>
    [Fact]
    public async Task ResumeRunAsync_EndWaitsInTheOwnFile_IsDeliveredFirst()
    {
        await using var tracker = NewTracker("one");
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        run.LogParam("p", "1");
        await run.CompleteAsync(cancellationToken: Token);
        await Assert.ThrowsAsync<StorageException>(() => tracker.ResumeRunAsync(run.Id, Token));
        _store.Before = _ => Task.CompletedTask;
        await _store.Inner.EndRunAsync(run.Id, RunStatus.Killed, DateTimeOffset.UnixEpoch, Token);
        await using var resumed = await tracker.ResumeRunAsync(run.Id, Token);
        Assert.Equal(0, tracker.GetStatus().SpooledBytes);
        resumed.LogMetric("n", 1);
        await resumed.FlushAsync(Token);
        var found = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Running, 1.0, "1", 1.0), (found.Status, found.Metrics["m"].Value, found.Params["p"], found.Metrics["n"].Value));
        Assert.Equal(RunStatus.Failed, (await resumed.CompleteAsync(RunStatus.Failed, Token)).Status);
        Assert.Equal(0, tracker.GetStatus().RefusedEntries);
    }

    [Fact]
    public async Task CompleteAsync_EndWaitsInTheSpool_IsNotTakenForDead()
    {
        var (time, options) = (new ManualTimeProvider(), new TrackerOptions { RetryDuration = TimeSpan.Zero, Owner = new RunOwner("elsewhere", 1, "1") });
        options.Spool.Directory = _folder;
        var store = new FaultyStore(time);
        await using var tracker = store.NewTracker(options, time);
        var run = await tracker.StartRunAsync("e", null, Token);
        store.Before = operation => operation == "renew" ? Task.CompletedTask : throw FaultyStore.Lasting();
        await run.CompleteAsync(cancellationToken: Token);
        for (var i = 0; i < 10; i++)
        {
            var renewed = store.Renewals.Count;
            time.Advance(options.LeaseDuration / 3);
            while (store.Renewals.Count == renewed) await Task.Yield();
        }

        Assert.Empty(await store.EndAbandonedRunsAsync(Token));
        store.Before = _ => Task.CompletedTask;
        time.Advance(TimeSpan.FromSeconds(31));
        while (tracker.GetStatus().SpooledBytes > 0) await Task.Yield();
        Assert.Equal(RunStatus.Finished, (await tracker.GetRunAsync(run.Id, Token)).Status);
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

    /// <summary>Logs to a run and completes it while the store is away, and disposes the tracker; gets the run's identifier.</summary>
    private async Task<string> LeaveInTheSpoolAsync(Action<Run> log)
    {
        string id;
        await using (var first = NewTracker("first"))
        {
            var run = await first.StartRunAsync("e", null, Token);
            id = run.Id;
            _store.Before = _ => throw FaultyStore.Lasting();
            log(run);
            await run.CompleteAsync(cancellationToken: Token);
        }

        _store.Before = _ => Task.CompletedTask;
        return id;
    }

    private async Task<Run> TakeOverAsync(Tracker tracker, string run)
    {
        await _store.Inner.EndRunAsync(run, RunStatus.Killed, DateTimeOffset.UnixEpoch, Token);
        return await tracker.ResumeRunAsync(run, Token);
    }

    private void Rename()
    {
        foreach (var file in Directory.GetFiles(_folder, "*.refused")) File.Move(file, Path.ChangeExtension(file, ".spool"));
    }

    // Processes of other machines, which nobody here can know to be dead.
    private Tracker NewTracker(string host)
    {
        var options = new TrackerOptions { RetryDuration = TimeSpan.Zero, Owner = new RunOwner(host, 1, "1") };
        options.Spool.Directory = _folder;
        return _store.NewTracker(options);
    }
}
