using System.Diagnostics;
using System.Globalization;
using Mlops.Tests;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class SpoolTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(_file.Folder, "spool");

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task FlushAsync_DatabaseLockedByAnotherProgram_IsSpooledAndDeliveredWhenItIsNot()
    {
        var tracking = await OpenAsync();
        await using var run = await tracking.Tracker.StartRunAsync("e", null, Token);
        await using var other = await _file.ConnectAsync();
        await SqliteFile.ExecuteAsync(other, "BEGIN IMMEDIATE");
        for (var step = 0; step < 20; step++)
        {
            run.LogMetric("m", step, step);
            run.SetTag("t", step.ToString(CultureInfo.InvariantCulture));
            await run.FlushAsync(Token);
        }

        Assert.True(tracking.Tracker.GetStatus().SpooledBytes > 0);
        Assert.Equal(0L, await SqliteFile.ScalarAsync(other, "SELECT count(*) FROM metrics"));
        await SqliteFile.ExecuteAsync(other, "ROLLBACK");
        for (var step = 20; tracking.Tracker.GetStatus().SpooledBytes > 0; step++)
        {
            run.LogMetric("m", step, step);
            await run.FlushAsync(Token);
        }

        var left = await run.CompleteAsync(cancellationToken: Token);
        var steps = await tracking.Tracker.GetMetricHistoryAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(0, steps.Count).Select(step => (long)step), steps);
        Assert.True(steps.Count >= 20);
        Assert.Equal((RunStatus.Finished, "19"), (left.Status, left.Tags["t"]));
    }

    /// <summary>What the database itself refuses while it works is not tried again for ever.</summary>
    [Fact]
    public async Task FlushAsync_DatabaseRefusesOneEntryThatWaited_DeliversTheOthersAndKeepsIt()
    {
        var tracking = await OpenAsync();
        await using var bad = await tracking.Tracker.StartRunAsync("e", null, Token);
        await using var good = await tracking.Tracker.StartRunAsync("e", null, Token);
        await using var other = await _file.ConnectAsync();
        await SqliteFile.ExecuteAsync(other, "CREATE TRIGGER odd BEFORE INSERT ON tags WHEN NEW.value = 'odd' BEGIN SELECT RAISE(ABORT, 'odd'); END");
        await SqliteFile.ExecuteAsync(other, "BEGIN IMMEDIATE");
        bad.SetTag("t", "odd");
        bad.SetTag("u", "1");
        good.SetTag("t", "1");
        await bad.FlushAsync(Token);
        await good.FlushAsync(Token);
        await SqliteFile.ExecuteAsync(other, "ROLLBACK");
        while (tracking.Tracker.GetStatus().SpooledBytes > 0) await good.FlushAsync(Token);
        Assert.Equal("1", (await good.CompleteAsync(cancellationToken: Token)).Tags["t"]);
        Assert.True((await Assert.ThrowsAsync<StorageException>(() => bad.CompleteAsync(cancellationToken: Token))).IsContentRefused);
        var left = await tracking.Tracker.GetRunAsync(bad.Id, Token);
        Assert.Equal((RunStatus.Finished, "1", false), (left.Status, left.Tags["u"], left.Tags.ContainsKey("t")));
        Assert.Contains(Directory.GetFiles(Folder), path => path.EndsWith(".refused", StringComparison.Ordinal));
        Assert.Equal(1, tracking.Tracker.GetStatus().RefusedEntries);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public async Task RecoverAsync_WriterWasKilledWithAFullSpool_DeliversAllThatWasFlushed(int flushesBeforeKill)
    {
        await using var writer = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "spool", _file.Path, Folder);
        var runId = await writer.ReadLineAsync(Token);
        var flushed = 0L;
        for (var i = 0; i < flushesBeforeKill; i++) flushed = long.Parse(await writer.ReadLineAsync(Token), CultureInfo.InvariantCulture);
        foreach (var line in await writer.KillAsync(Token))
        {
            if (long.TryParse(line, out var later)) flushed = Math.Max(flushed, later);
        }

        var tracking = await OpenAsync();
        Assert.Equal([runId], await tracking.Tracker.RecoverAsync(Token));
        var run = await tracking.Tracker.GetRunAsync(runId, Token);
        var steps = await tracking.Tracker.GetMetricHistoryAsync(runId, "m", Token).Select(metric => metric.Step).ToListAsync(Token);
        Assert.Equal((RunStatus.Killed, "1"), (run.Status, run.Params["before"]));
        Assert.True(steps.Count >= 100 * flushed, $"{flushed} flushes of 100 were told, {steps.Count} measurements are there.");
        Assert.Equal(Enumerable.Range(0, steps.Count).Select(step => (long)step), steps);
        Assert.True(long.Parse(run.Tags["flush"], CultureInfo.InvariantCulture) >= flushed);
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task RecoverAsync_WriterLives_LeavesItsSpool()
    {
        await using var writer = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "spool", _file.Path, Folder);
        var runId = await writer.ReadLineAsync(Token);
        await writer.ReadLineAsync(Token);
        var tracking = await OpenAsync(TimeSpan.FromMilliseconds(50));
        Assert.Empty(await tracking.Tracker.RecoverAsync(Token));
        Assert.Single(Directory.GetFiles(Folder));
        Assert.Equal(RunStatus.Running, (await tracking.Tracker.GetRunAsync(runId, Token)).Status);
        await writer.KillAsync(Token);
    }

    [Fact]
    public async Task FlushAsync_RealDiskOfTheSpoolFull_ThrowsAndDeliversWhatWasAcknowledged()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "A small disk is mounted, which needs Linux and root.");
        Directory.CreateDirectory(Folder);
        var mounted = await RunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", Folder);
        const string Absence = "This system does not let root mount a small disk.";
        Assert.False(mounted != 0 && Environment.GetEnvironmentVariable("MLOPS_REQUIRE_SERVERS") == "1", Absence);
        Assert.SkipUnless(mounted == 0, Absence);
        try
        {
            var tracking = await OpenAsync();
            var run = await tracking.Tracker.StartRunAsync("e", null, Token);
            await using var other = await _file.ConnectAsync();
            await SqliteFile.ExecuteAsync(other, "BEGIN IMMEDIATE");
            var acknowledged = 0L;
            var error = await Assert.ThrowsAsync<StorageException>(async () =>
            {
                while (true)
                {
                    for (var i = 0; i < 100; i++) run.LogMetric("m", i, (acknowledged * 100) + i);
                    await run.FlushAsync(Token);
                    acknowledged++;
                }
            });
            Assert.Contains("Make room", error.Message, StringComparison.Ordinal);
            Assert.True(acknowledged > 3);
            await SqliteFile.ExecuteAsync(other, "ROLLBACK");
            await run.CompleteAsync(cancellationToken: Token);
            await tracking.Tracker.DisposeAsync();
            var steps = await tracking.Tracker.GetMetricHistoryAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token);
            Assert.Equal(Enumerable.Range(0, (int)(acknowledged + 1) * 100).Select(step => (long)step), steps);
            Assert.Empty(Directory.GetFiles(Folder));
        }
        finally
        {
            await RunAsync("umount", "-l", Folder);
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return process.ExitCode;
    }

    private Task<SqliteTracking> OpenAsync(TimeSpan? lockTimeout = null)
    {
        var options = new TrackerOptions { RetryDuration = TimeSpan.Zero };
        options.Spool.Directory = Folder;
        options.Spool.RetryInterval = TimeSpan.FromMilliseconds(100);
        return _file.OpenTrackingAsync(lockTimeout ?? TimeSpan.FromMilliseconds(100), options);
    }
}
