using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlops.Data;
using Mlops.Testing;

namespace Mlops.Tracking.Tests;

public sealed class SpoolTests : IDisposable
{
    private static readonly DataSchema s_schema = new([new ColumnSchema("x", ElementType.Float64)]);

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-spool-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly FaultyStore _store;

    public SpoolTests() => _store = new FaultyStore(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string[] Files => Directory.GetFiles(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task FlushAsync_StoreDown_IsSpooledAndDeliveredInOrderOnce()
    {
        await using var tracker = NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        run.LogMetric("m", 0, 0);
        await run.FlushAsync(Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        for (var step = 1; step <= 50; step++)
        {
            run.LogMetric("m", step, step);
            run.SetTag("latest", $"{step}");
            await run.FlushAsync(Token);
        }

        run.LogParam("p", "1");
        run.LogInput(new DatasetReference("d", new string('a', 64), 1, s_schema), "training");
        run.SetName("renamed");
        await run.FlushAsync(Token);
        Assert.Single((await _store.Inner.FindRunAsync(run.Id, Token))!.Metrics);
        Assert.True(tracker.GetStatus().SpooledBytes > 0);
        Assert.Contains("disk is full", tracker.GetStatus().Problem, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(tracker));

        _store.Before = _ => Task.CompletedTask;
        // Not yet: the store is asked again after a while, not by every flush.
        run.LogMetric("m", 51, 51);
        await run.FlushAsync(Token);
        Assert.True(tracker.GetStatus().SpooledBytes > 0);
        _time.Advance(TimeSpan.FromSeconds(30));
        run.LogMetric("m", 52, 52);
        await run.FlushAsync(Token);
        while (tracker.GetStatus().SpooledBytes > 0) await run.FlushAsync(Token);
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(("50", "1", "renamed", 52.0), (left.Tags["latest"], left.Params["p"], left.Name, left.Metrics["m"].Value));
        Assert.Single(left.Inputs);
        Assert.Equal(Enumerable.Range(0, 53).Select(i => (long)i), await tracker.GetMetricHistoryAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token));
        Assert.Equal((0L, null), (tracker.GetStatus().SpooledBytes, tracker.GetStatus().Problem));
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(tracker));
        // In order: the sequences of what the store took never go back, which stores rely on.
        var delivered = _store.Appended.Select(batch => batch.Sequence).ToArray();
        Assert.Equal(delivered.Order(), delivered);
        Assert.Equal(Enumerable.Range(1, 53).Select(i => (long)i), delivered.Distinct());
        await tracker.DisposeAsync();
        Assert.Empty(Files);
    }

    [Fact]
    public async Task CompleteAsync_TimerALittleEarly_IsDeliveredAllTheSame()
    {
        // A stopwatch that runs a little slower than the clock that timers go by: theirs are early.
        var time = new SlowStopwatch(_time);
        await using var tracker = _store.NewTracker(Options(), time);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await run.CompleteAsync(cancellationToken: Token);
        Assert.True(tracker.GetStatus().SpooledBytes > 0);
        _store.Before = _ => Task.CompletedTask;
        // Nothing is logged any more that would bring the writer back to the spool.
        while (tracker.GetStatus().SpooledBytes > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, Token);
        }

        Assert.Equal(RunStatus.Finished, (await tracker.GetRunAsync(run.Id, Token)).Status);
    }

    [Fact]
    public async Task FlushAsync_AnswerLostAndStoreDown_CountsTheBatchOnce()
    {
        await using var tracker = NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        // Written, and the answer is lost; then the store is gone.
        _store.AfterAppend = () => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await run.FlushAsync(Token);
        _store.AfterAppend = () => Task.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(30));
        run.LogMetric("m", 2);
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(RunStatus.Finished, left.Status);
        await tracker.DisposeAsync();
        Assert.Equal([1.0, 2], await _store.Inner.ReadAsync(run.Id, "m", Token).Select(metric => metric.Value).ToListAsync(Token));
    }

    [Fact]
    public async Task CompleteAsync_StoreDown_EndsInTheSpoolAndAnotherTrackerDelivers()
    {
        var tracker = NewTracker();
        var run = await tracker.StartRunAsync("e", new StartRunOptions { Tags = new Dictionary<string, string> { ["a"] = "b" } }, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        run.LogParam("p", "1");
        var left = await run.CompleteAsync(RunStatus.Failed, Token);
        Assert.Equal((RunStatus.Failed, "1", "b"), (left.Status, left.Params["p"], left.Tags["a"]));
        Assert.Throws<RunFinishedException>(() => run.LogMetric("m", 2));
        await run.DisposeAsync();
        await tracker.DisposeAsync();
        Assert.Equal(RunStatus.Running, (await _store.Inner.FindRunAsync(run.Id, Token))!.Status);
        Assert.Single(Files);

        _store.Before = _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromHours(1));
        await using var next = NewTracker();
        // Its lease is long over, and yet it ends as it said, because the spool comes first.
        Assert.Empty(await next.RecoverAsync(Token));
        var found = await next.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Failed, 1.0, "1", left.EndTime), (found.Status, found.Metrics["m"].Value, found.Params["p"], found.EndTime));
        Assert.Empty(Files);
    }

    [Fact]
    public async Task RecoverAsync_RunKilledBeforeTheSpoolWasFound_TakesTheEntriesAndTheRealEnd()
    {
        var tracker = NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        run.LogParam("p", "1");
        await run.CompleteAsync(cancellationToken: Token);
        await tracker.DisposeAsync();
        _store.Before = _ => Task.CompletedTask;
        await _store.Inner.EndRunAsync(run.Id, RunStatus.Killed, _time.GetUtcNow(), Token);
        var logger = new ListLogger();
        await using var next = NewTracker(logger: logger);
        await next.RecoverAsync(Token);
        var found = await next.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Finished, 1.0, "1"), (found.Status, found.Metrics["m"].Value, found.Params["p"]));
        Assert.Contains(logger.Lines, line => line.Contains("LogAdopted", StringComparison.Ordinal));
        Assert.Empty(Files);
    }

    [Fact]
    public async Task RecoverAsync_SpoolOfAnotherStore_IsLeftAlone()
    {
        var tracker = NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await run.CompleteAsync(cancellationToken: Token);
        await tracker.DisposeAsync();
        var other = new FaultyStore(_time);
        await using (var elsewhere = other.NewTracker(Options(), _time)) await elsewhere.RecoverAsync(Token);
        Assert.Empty(other.Appended);
        Assert.Single(Files);
    }

    [Fact]
    public async Task RecoverAsync_StoreDown_LeavesTheSpoolAndEndsNobody()
    {
        var tracker = NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        await run.CompleteAsync(cancellationToken: Token);
        await tracker.DisposeAsync();
        _time.Advance(TimeSpan.FromHours(1));
        await using var next = NewTracker();
        await Assert.ThrowsAsync<StorageException>(() => next.RecoverAsync(Token));
        Assert.Single(Files);
        Assert.Equal(RunStatus.Running, (await next.GetRunAsync(run.Id, Token)).Status);
    }

    [Fact]
    public async Task FlushAsync_SpoolFull_ThrowsAndDeliversEverythingLater()
    {
        var options = Options();
        options.Spool.MaxBytes = 8192;
        options.BufferCapacity = 300;
        await using var tracker = _store.NewTracker(options, _time);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        var step = 0L;
        StorageException? full = null;
        while (full is null)
        {
            try
            {
                run.LogMetric("m", step, step);
                step++;
                await run.FlushAsync(Token);
            }
            catch (StorageException error)
            {
                full = error;
            }
        }

        Assert.Contains("MaxBytes", full.Message, StringComparison.Ordinal);
        // Then in memory, until that is full as well; the caller is told, and nothing grows without end.
        var refused = 0;
        for (var i = 0; i < 2000 && refused == 0; i++)
        {
            try
            {
                run.LogMetric("m", step, step);
                step++;
            }
            catch (StorageException)
            {
                refused++;
            }
        }

        Assert.Equal(1, refused);
        Assert.InRange(new FileInfo(Files.Single()).Length, 1, 8192);
        _store.Before = _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(30));
        await run.FlushAsync(Token);
        await run.CompleteAsync(cancellationToken: Token);
        await tracker.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, (int)step).Select(i => (long)i), await _store.Inner.ReadAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token));
    }

    [Fact]
    public async Task FlushAsync_DiskOfTheSpoolFull_ThrowsAndKeepsWhatWasAcknowledged()
    {
        var disk = new SmallDisk { Room = 1000 };
        var options = Options();
        options.Spool.Open = disk.Open;
        await using var tracker = _store.NewTracker(options, _time);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        var acknowledged = 0;
        var error = await Assert.ThrowsAsync<StorageException>(async () =>
        {
            while (true)
            {
                run.LogMetric("m", acknowledged, acknowledged);
                await run.FlushAsync(Token);
                acknowledged++;
            }
        });
        Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
        Assert.True(acknowledged > 1);
        _store.Before = _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(30));
        await run.CompleteAsync(cancellationToken: Token);
        await tracker.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, acknowledged + 1).Select(i => (long)i), await _store.Inner.ReadAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token));
    }

    [Fact]
    public async Task DisposeAsync_StoreBack_DeliversAndKeepsWhatIsRefused()
    {
        var tracker = NewTracker();
        var run = await tracker.StartRunAsync("e", null, Token);
        _store.Before = _ => throw FaultyStore.Lasting();
        run.LogMetric("m", 1);
        run.LogParam("p", "ours");
        await run.CompleteAsync(cancellationToken: Token);
        _store.Before = _ => Task.CompletedTask;
        // Meanwhile somebody else has logged the param: that one is refused, the rest is delivered.
        await _store.Inner.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("p", "theirs")] }, Token);
        await tracker.DisposeAsync();
        Assert.EndsWith(".refused", Assert.Single(Files), StringComparison.Ordinal);
        var found = (await _store.Inner.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Finished, "theirs", 1.0), (found.Status, found.Params["p"], found.Metrics["m"].Value));
    }

    private static async Task<HealthStatus> HealthAsync(Tracker tracker) => (await new TrackingHealthCheck(tracker).CheckHealthAsync(new HealthCheckContext(), Token)).Status;

    private TrackerOptions Options()
    {
        var options = new TrackerOptions { RetryDuration = TimeSpan.Zero };
        options.Spool.Directory = _folder;
        return options;
    }

    private Tracker NewTracker(ListLogger? logger = null) => _store.NewTracker(Options(), _time, logger);
}
