using Mlops.Artifacts;
using Mlops.Tests;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class TrackerTelemetryTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task Metrics_OfTracker_HaveTheirNamesUnitsAndValues()
    {
        using var measured = new RecordedMeasurements();
        var spool = Path.Combine(_file.Folder, "spool");
        var database = _file.OpenDatabase(TimeSpan.FromMilliseconds(50));
        var options = new TrackerOptions { CaptureEnvironment = false, RetryDuration = TimeSpan.Zero, FlushInterval = TimeSpan.FromHours(1), Spool = { Directory = spool } };
        await using var tracker = new Tracker(TrackingBackend.Relational(database, new InMemoryArtifactStore()), options, null, null, measured);
        await using var run = await tracker.StartRunAsync("e", null, Token);
        run.LogMetric("m", 1);
        run.LogMetric("m", 2);
        Assert.Equal((2, 0), Observe(measured));

        await using var other = await _file.ConnectAsync();
        await SqliteFile.ExecuteAsync(other, "BEGIN IMMEDIATE");
        await run.FlushAsync(Token);
        var (buffered, spooled) = Observe(measured);
        Assert.Equal(0, buffered);
        Assert.Equal(new FileInfo(Directory.GetFiles(spool).Single()).Length - 96, spooled);
        Assert.Equal([spooled], measured.ValuesOf("mlops.tracking.spool.written"));
        await SqliteFile.ExecuteAsync(other, "ROLLBACK");

        await tracker.Runs.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("p", "theirs")] }, Token);
        run.LogParam("p", "ours");
        await run.CompleteAsync(cancellationToken: Token);
        await tracker.DisposeAsync();
        Assert.Contains("mlops.tracking.entry.refused {entry} error.type=Mlops.EntityConflictException", measured.Described);
        Assert.Contains("mlops.tracking.spool.size By", measured.Described);
        Assert.Contains("mlops.tracking.entry.buffered {entry}", measured.Described);
    }

    private static (long Buffered, long Spooled) Observe(RecordedMeasurements measured)
    {
        measured.Observe();
        return ((long)measured.ValuesOf("mlops.tracking.entry.buffered")[^1], (long)measured.ValuesOf("mlops.tracking.spool.size")[^1]);
    }
}
