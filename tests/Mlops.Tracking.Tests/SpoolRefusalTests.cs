using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlops.Testing;

namespace Mlops.Tracking.Tests;

/// <summary>What the store refuses for good, and what is damaged, keeps nothing else from being delivered, and is not lost silently.</summary>
public sealed class SpoolRefusalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-spool-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly ListLogger _logger = new();
    private readonly FaultyStore _store;

    public SpoolRefusalTests() => _store = new FaultyStore(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string[] Files => Directory.GetFiles(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task StartRunAsync_DeadProcessLeftWhatIsRefused_DeliversTheRestAndKeepsIt()
    {
        var (good, deleted, odd) = await LeaveThreeRunsAsync();
        await _store.Inner.SetRunStageAsync(deleted, LifecycleStage.Deleted, Token);
        _store.Refuses = text => text == "odd";

        await using var next = NewTracker();
        await using var run = await next.StartRunAsync("e", null, Token);
        var found = await next.GetRunAsync(good, Token);
        Assert.Equal((RunStatus.Finished, "1", 1.0), (found.Status, found.Tags["t"], found.Metrics["m"].Value));
        // Of what a run logged, only the entry that cannot be kept is left out.
        found = await next.GetRunAsync(odd, Token);
        Assert.Equal((RunStatus.Finished, "1", 1.0), (found.Status, found.Params["p"], found.Metrics["m"].Value));
        Assert.False(found.Tags.ContainsKey("t") || found.Metrics.ContainsKey("odd"));
        Assert.Equal((RunStatus.Running, 0), (await StatusAsync(deleted), (await next.GetRunAsync(deleted, Token)).Metrics.Count));

        var path = Assert.Single(Files);
        Assert.EndsWith(".refused", path, StringComparison.Ordinal);
        var status = next.GetStatus();
        // Of the deleted run a measurement, a tag and a param; of the odd one a measurement and a tag.
        Assert.Equal((5L, new FileInfo(path).Length, 0), (status.RefusedEntries, status.RefusedBytes, status.DamagedFiles));
        Assert.Contains(_logger.Lines, line => line.Contains("LogRefusedKept", StringComparison.Ordinal) && line.Contains(path, StringComparison.Ordinal));
        var health = await new TrackingHealthCheck(next).CheckHealthAsync(new HealthCheckContext(), Token);
        Assert.Equal((HealthStatus.Degraded, 5L), (health.Status, health.Data["refused entries"]));
        await run.CompleteAsync(cancellationToken: Token);
    }

    /// <summary>A later number would make the refused batch seem known.</summary>
    [Fact]
    public async Task FlushAsync_BatchRefusedBeforeAFailure_IsTold()
    {
        await using var tracker = NewTracker(maxBatchSize: 1);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        _store.Refuses = text => text == "odd";
        FailOnce();
        foreach (var name in new[] { "a", "odd", "b", "c" }) run.LogMetric(name, 1);
        await Assert.ThrowsAsync<StorageException>(() => run.FlushAsync(Token));
        Assert.True(tracker.GetStatus().SpooledBytes > 0);
        _time.Advance(TimeSpan.FromSeconds(30));
        var done = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(RunStatus.Finished, done.Status);
        Assert.Equal(["a", "b", "c"], (await tracker.GetRunAsync(run.Id, Token)).Metrics.Keys.Order());
        Assert.Equal((1L, 0L), (tracker.GetStatus().RefusedEntries, tracker.GetStatus().RefusedBytes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RecoverAsync_BatchRefusedBeforeAFailure_IsKept(bool isDiskFull)
    {
        var tracker = NewTracker(maxBatchSize: 1);
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        foreach (var name in new[] { "a", "odd", "b", "c" }) run.LogMetric(name, 1);
        await run.CompleteAsync(cancellationToken: Token);
        await tracker.DisposeAsync();
        _store.Before = _ => Task.CompletedTask;
        _store.Refuses = text => text == "odd";
        if (!isDiskFull) FailOnce();
        var isFull = isDiskFull;
        await using var next = NewTracker(fails: path => isFull && path.EndsWith(".refused", StringComparison.Ordinal));
        await Record.ExceptionAsync(() => next.RecoverAsync(Token));
        // Nothing behind it before it is kept.
        Assert.Equal(!isDiskFull, (await next.GetRunAsync(run.Id, Token)).Metrics.ContainsKey("c"));
        isFull = false;
        await next.RecoverAsync(Token);
        var found = await next.GetRunAsync(run.Id, Token);
        Assert.Equal(["a", "b", "c"], found.Metrics.Keys.Order());
        Assert.Equal(RunStatus.Finished, found.Status);
        Assert.True(next.GetStatus().RefusedBytes > 0);
        await _store.Inner.ResumeRunAsync(run.Id, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)), Token);
        _store.Refuses = _ => false;
        File.Move(Files.Single(), Path.ChangeExtension(Files.Single(), ".spool"));
        await next.RecoverAsync(Token);
        Assert.True((await next.GetRunAsync(run.Id, Token)).Metrics.ContainsKey("odd"));
    }

    [Fact]
    public async Task RecoverAsync_RefusedFileRenamed_DeliversItOnceTheReasonIsGone()
    {
        var (_, deleted, odd) = await LeaveThreeRunsAsync();
        await _store.Inner.SetRunStageAsync(deleted, LifecycleStage.Deleted, Token);
        _store.Refuses = text => text == "odd";
        await using (var next = NewTracker()) await next.RecoverAsync(Token);
        await _store.Inner.SetRunStageAsync(deleted, LifecycleStage.Active, Token);
        _store.Refuses = _ => false;
        File.Move(Files.Single(), Path.ChangeExtension(Files.Single(), ".spool"));

        await using var last = NewTracker();
        await last.RecoverAsync(Token);
        var found = await last.GetRunAsync(deleted, Token);
        Assert.Equal((RunStatus.Finished, "1", 1.0), (found.Status, found.Tags["t"], found.Metrics["m"].Value));
        // A run that has finished takes tags and no metrics until it is resumed.
        found = await last.GetRunAsync(odd, Token);
        Assert.Equal(("odd", false), (found.Tags["t"], found.Metrics.ContainsKey("odd")));
        Assert.EndsWith(".refused", Assert.Single(Files), StringComparison.Ordinal);
        Assert.Equal(1, last.GetStatus().RefusedEntries);
    }

    [Fact]
    public async Task RecoverAsync_RefusedFileRenamedWhileItsTrackerLives_DeliversItAndKeepsTheSpool()
    {
        var tracker = NewTracker();
        var runs = new List<Run>();
        for (var i = 0; i < 3; i++) runs.Add(await tracker.StartRunAsync("e", null, Token));
        var other = runs[2];
        foreach (var run in runs.Take(2))
        {
            _store.Before = _ => throw FaultyStore.Lasting();
            run.LogMetric("m", 1);
            run.LogParam("p", "1");
            await run.FlushAsync(Token);
            await _store.Inner.SetRunStageAsync(run.Id, LifecycleStage.Deleted, Token);
            _store.Before = _ => Task.CompletedTask;
            _time.Advance(TimeSpan.FromSeconds(30));
            await other.FlushAsync(Token);
            await _store.Inner.SetRunStageAsync(run.Id, LifecycleStage.Active, Token);
            var refused = Assert.Single(Files, path => path.EndsWith(".refused", StringComparison.Ordinal));
            var renamed = Path.ChangeExtension(refused, ".spool");
            // Neither the spool of the tracker nor what was renamed before is replaced.
            Assert.False(File.Exists(renamed));
            File.Move(refused, renamed);
        }

        _store.Before = _ => throw FaultyStore.Lasting();
        other.LogMetric("m", 1);
        await other.FlushAsync(Token);
        // What is acknowledged is in a file that has a name.
        Assert.Contains(Files, path => new FileInfo(path).Length == SpoolFile.HeaderLength + tracker.GetStatus().SpooledBytes);
        _store.Before = _ => Task.CompletedTask;
        await tracker.RecoverAsync(Token);
        foreach (var run in runs.Take(2)) Assert.Equal((1.0, "1"), ((await tracker.GetRunAsync(run.Id, Token)).Metrics["m"].Value, (await tracker.GetRunAsync(run.Id, Token)).Params["p"]));
        await Assert.ThrowsAnyAsync<Exception>(() => tracker.DisposeAsync().AsTask());
        Assert.Equal(1.0, (await _store.Inner.FindRunAsync(other.Id, Token))!.Metrics["m"].Value);
        Assert.Empty(Files);
    }

    [Theory]
    [InlineData("delivered by another tracker", ".refused")]
    [InlineData("deleted", ".refused")]
    [InlineData("deleted", ".damaged")]
    public async Task CheckHealthAsync_FileKeptAsideIsGone_IsHealthyAtOnce(string how, string kind)
    {
        var (_, deleted, _) = await LeaveThreeRunsAsync();
        if (kind == ".damaged")
        {
            var bytes = await File.ReadAllBytesAsync(Files.Single(), Token);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(Files.Single(), bytes, Token);
        }

        if (kind == ".refused") await _store.Inner.SetRunStageAsync(deleted, LifecycleStage.Deleted, Token);
        await using var tracker = NewTracker();
        await tracker.RecoverAsync(Token);
        Assert.EndsWith(kind, Assert.Single(Files), StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Degraded, await CheckAsync());

        if (how == "deleted")
        {
            File.Delete(Files.Single());
        }
        else
        {
            await _store.Inner.SetRunStageAsync(deleted, LifecycleStage.Active, Token);
            File.Move(Files.Single(), Path.ChangeExtension(Files.Single(), ".spool"));
            await using var other = NewTracker();
            await other.RecoverAsync(Token);
        }

        Assert.Empty(Files);
        Assert.Equal(HealthStatus.Healthy, await CheckAsync());
        Assert.Equal((0L, 0), (tracker.GetStatus().RefusedBytes, tracker.GetStatus().DamagedFiles));

        async Task<HealthStatus> CheckAsync() => (await new TrackingHealthCheck(tracker).CheckHealthAsync(new HealthCheckContext(), Token)).Status;
    }

    [Fact]
    public async Task DisposeAsync_SpoolReplacedByAnotherFile_LeavesWhatIsNotDelivered()
    {
        var (_, deleted, _) = await LeaveThreeRunsAsync();
        var left = Files.Single();
        var moved = Path.Combine(_folder, "aside");
        File.Move(left, moved);
        var tracker = NewTracker();
        await using (var run = await tracker.StartRunAsync("e", null, Token))
        {
            _store.Before = _ => throw FaultyStore.Lasting();
            run.LogMetric("m", 1);
            await run.FlushAsync(Token);
            _store.Before = _ => Task.CompletedTask;
            _time.Advance(TimeSpan.FromSeconds(30));
            await run.FlushAsync(Token);
            File.Move(moved, Files.Single(path => path != moved), overwrite: true);
        }

        await tracker.DisposeAsync();
        Assert.Single(Files);
        await using var next = NewTracker();
        await next.RecoverAsync(Token);
        Assert.Equal(RunStatus.Finished, await StatusAsync(deleted));
    }

    [Fact]
    public async Task FlushAsync_WaitingEntryIsRefused_OthersAreDeliveredAndItsCallerIsTold()
    {
        await using var tracker = NewTracker();
        await using var good = await tracker.StartRunAsync("e", null, Token);
        await using var bad = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        bad.SetTag("t", "odd");
        good.SetTag("t", "1");
        good.LogMetric("m", 1);
        bad.LogMetric("m", 2);
        await good.FlushAsync(Token);
        await bad.FlushAsync(Token);
        _store.Before = _ => Task.CompletedTask;
        _store.Refuses = text => text == "odd";
        _time.Advance(TimeSpan.FromSeconds(30));
        await good.FlushAsync(Token);
        Assert.Equal(("1", 1.0), ((await tracker.GetRunAsync(good.Id, Token)).Tags["t"], (await tracker.GetRunAsync(good.Id, Token)).Metrics["m"].Value));
        Assert.Equal(0, tracker.GetStatus().SpooledBytes);
        Assert.True((await Assert.ThrowsAsync<StorageException>(() => bad.FlushAsync(Token))).IsContentRefused);
        Assert.Equal(2.0, (await bad.CompleteAsync(cancellationToken: Token)).Metrics["m"].Value);
        await good.CompleteAsync(cancellationToken: Token);
        Assert.Contains(Files, path => path.EndsWith(".refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RecoverAsync_AsMuchRefusedAsMayBeKept_DropsTheRestAndTells()
    {
        var (_, deleted, _) = await LeaveThreeRunsAsync();
        await _store.Inner.SetRunStageAsync(deleted, LifecycleStage.Deleted, Token);
        var options = Options();
        options.Spool.MaxRefusedBytes = 0;
        await using var next = _store.NewTracker(options, _time, _logger);
        await next.RecoverAsync(Token);
        Assert.Empty(Files);
        Assert.Equal(3, next.GetStatus().RefusedEntries);
        Assert.Contains(_logger.Lines, line => line.Contains("LogRefusedDropped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RecoverAsync_DamagedFile_DeliversWhatCanBeReadAndKeepsIt()
    {
        var (good, _, odd) = await LeaveThreeRunsAsync();
        var path = Files.Single();
        var bytes = await File.ReadAllBytesAsync(path, Token);
        // The header, and the last record.
        (bytes[3], bytes[^1]) = (0, (byte)~bytes[^1]);
        await File.WriteAllBytesAsync(path, bytes, Token);
        await using var next = NewTracker();
        await next.RecoverAsync(Token);
        Assert.Equal(1.0, (await next.GetRunAsync(good, Token)).Metrics["m"].Value);
        Assert.Equal(1.0, (await next.GetRunAsync(odd, Token)).Metrics["m"].Value);
        Assert.Equal([path + ".damaged"], Files);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path + ".damaged", Token));
        Assert.Equal(1, next.GetStatus().DamagedFiles);
        Assert.Contains(_logger.Lines, line => line.Contains("LogDamaged", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Degraded, (await new TrackingHealthCheck(next).CheckHealthAsync(new HealthCheckContext(), Token)).Status);
        await (await next.StartRunAsync("e", null, Token)).CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task FlushAsync_OwnFileDamaged_DeliversTheRestAndKeepsIt()
    {
        var damage = -1L;
        var options = Options();
        options.Spool.Open = (path, mode) => new FileStream(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite, 1);
        await using var tracker = _store.NewTracker(options, _time, _logger);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        for (var i = 1; i <= 3; i++)
        {
            run.LogMetric("m", i, i);
            await run.FlushAsync(Token);
            if (i == 2) damage = new FileInfo(Files.Single()).Length - 1;
        }

        await using (var file = new FileStream(Files.Single(), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = damage;
            file.WriteByte(0x55);
        }

        _store.Before = _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(30));
        await run.FlushAsync(Token);
        await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal([1L, 3], await tracker.GetMetricHistoryAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token));
        Assert.EndsWith(".spool.damaged", Assert.Single(Files), StringComparison.Ordinal);
        Assert.Equal(1, tracker.GetStatus().DamagedFiles);
        Assert.Contains(_logger.Lines, line => line.Contains("LogDamaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CheckHealthAsync_RefusedAndDamagedFilesBeforeTheFirstRun_IsDegraded()
    {
        var (_, deleted, _) = await LeaveThreeRunsAsync();
        await _store.Inner.SetRunStageAsync(deleted, LifecycleStage.Deleted, Token);
        await using (var first = NewTracker()) await first.RecoverAsync(Token);
        var refused = Files.Single();
        await File.WriteAllTextAsync(refused.Replace(".refused", ".spool.damaged", StringComparison.Ordinal), "x", Token);
        // Of another store.
        await File.WriteAllTextAsync(Path.Combine(_folder, $"{new string('0', 32)}-{new string('1', 32)}.refused"), "xyz", Token);

        await using var next = NewTracker();
        var status = next.GetStatus();
        Assert.Equal((0L, 0), (status.RefusedBytes, status.DamagedFiles));
        var health = await new TrackingHealthCheck(next).CheckHealthAsync(new HealthCheckContext(), Token);
        Assert.Equal((HealthStatus.Degraded, new FileInfo(refused).Length, 1), (health.Status, health.Data["refused bytes"], health.Data["damaged files"]));
        status = next.GetStatus();
        Assert.Equal((new FileInfo(refused).Length, 1), (status.RefusedBytes, status.DamagedFiles));
        // It is the spool of the runs that follow.
        await using var run = await next.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await run.FlushAsync(Token);
        Assert.True(next.GetStatus().SpooledBytes > 0);
        _store.Before = _ => Task.CompletedTask;
    }

    [Fact]
    public async Task CheckHealthAsync_NothingTrackedYet_ChangesNothing()
    {
        await using var tracker = NewTracker();
        Assert.Equal(HealthStatus.Healthy, (await new TrackingHealthCheck(tracker).CheckHealthAsync(new HealthCheckContext(), Token)).Status);
        Assert.Null(await _store.State.GetAsync("mlops/store", Token));
    }

    [Fact]
    public async Task ResumeRunAsync_EndWaitedInTheSpoolAndWasRefusedBecauseTheRunWasDeleted_GoesOnAtOnceWhenItIsRestored()
    {
        await using var tracker = NewTracker();
        await using var other = NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await run.CompleteAsync(cancellationToken: Token);
        await _store.Inner.SetRunStageAsync(run.Id, LifecycleStage.Deleted, Token);
        _store.Before = _ => Task.CompletedTask;
        // Delivers what waits first.
        await Assert.ThrowsAsync<EntityConflictException>(() => tracker.ResumeRunAsync(run.Id, Token));
        var refused = Files.Single(path => path.EndsWith(".refused", StringComparison.Ordinal));
        await tracker.RestoreRunAsync(run.Id, Token);
        await using var again = await tracker.ResumeRunAsync(run.Id, Token);
        again.LogMetric("m", 2, 2);
        // The end of the earlier handle, delivered after all, does not end what goes on.
        File.Move(refused, Path.ChangeExtension(refused, ".spool"));
        await other.RecoverAsync(Token);
        Assert.Equal(RunStatus.Running, await StatusAsync(run.Id));
        Assert.Equal(2, (await again.CompleteAsync(cancellationToken: Token)).Metrics["m"].Step);
    }

    [Fact]
    public async Task DisposeAsync_DeliveryTakesTooLong_LeavesTheRestInTheFile()
    {
        var tracker = NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await run.CompleteAsync(cancellationToken: Token);
        var (begun, never) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store.Before = _ =>
        {
            begun.TrySetResult();
            return never.Task.WaitAsync(_store.Cancellation);
        };
        var disposing = tracker.DisposeAsync().AsTask();
        await begun.Task;
        Assert.False(disposing.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));
        await disposing;
        Assert.EndsWith(".spool", Assert.Single(Files), StringComparison.Ordinal);
        Assert.Contains(_logger.Lines, line => line.Contains("LogLeftInSpool", StringComparison.Ordinal));

        _store.Before = _ => Task.CompletedTask;
        await using var next = NewTracker();
        await next.RecoverAsync(Token);
        Assert.Equal(RunStatus.Finished, await StatusAsync(run.Id));
    }

    private async Task<RunStatus> StatusAsync(string run) => (await _store.Inner.FindRunAsync(run, Token))!.Status;

    // Three runs of a process that has ended while the store was down; one logged what a store may not be able to keep.
    private async Task<(string Good, string Deleted, string Odd)> LeaveThreeRunsAsync()
    {
        var tracker = NewTracker();
        var runs = new List<Run>();
        for (var i = 0; i < 3; i++) runs.Add(await tracker.StartRunAsync("e", null, Token));
        _store.Before = _ => throw FaultyStore.Lasting();
        runs[2].LogMetric("odd", 1);
        await runs[2].FlushAsync(Token);
        foreach (var (run, tag) in runs.Zip(["1", "1", "odd"]))
        {
            run.SetTag("t", tag);
            run.LogParam("p", "1");
            run.LogMetric("m", 1);
        }

        foreach (var run in runs.AsEnumerable().Reverse()) await run.CompleteAsync(cancellationToken: Token);
        await tracker.DisposeAsync();
        _store.Before = _ => Task.CompletedTask;
        return (runs[0].Id, runs[1].Id, runs[2].Id);
    }

    private TrackerOptions Options()
    {
        var options = new TrackerOptions { RetryDuration = TimeSpan.Zero };
        options.Spool.Directory = _folder;
        return options;
    }

    private Tracker NewTracker(int maxBatchSize = 10_000, Func<string, bool>? fails = null)
    {
        var options = Options();
        options.MaxBatchSize = maxBatchSize;
        var open = options.Spool.Open;
        if (fails is not null) options.Spool.Open = (path, mode) => fails(path) ? throw new IOException("No space left on device.") : open(path, mode);
        return _store.NewTracker(options, _time, _logger);
    }

    // The first append that has the last of four batches and is not the first append of all.
    private void FailOnce()
    {
        var (count, isDone) = (0, false);
        _store.Before = operation =>
        {
            if (operation != "append" || ++count == 1 || isDone || _store.Appended.Last().Sequence != 4) return Task.CompletedTask;
            isDone = true;
            throw FaultyStore.Passing();
        };
    }
}
