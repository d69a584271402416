using System.Globalization;
using Mlops.Tests;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class CrashTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task StartRunAsync_WriterWasKilled_KeepsAllFlushedAndEndsItsRunAsKilled(int flushesBeforeKill)
    {
        await using var writer = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "metrics", _file.Path);
        var runId = await writer.ReadLineAsync(Token);
        var flushed = 0L;
        for (var i = 0; i < flushesBeforeKill; i++) flushed = long.Parse(await writer.ReadLineAsync(Token), CultureInfo.InvariantCulture);

        // Until here it lives, and nobody may take its run away.
        var tracking = await _file.OpenTrackingAsync();
        await tracking.Tracker.RecoverAsync(Token);
        Assert.Equal(RunStatus.Running, (await tracking.Tracker.GetRunAsync(runId, Token)).Status);

        var last = (await writer.KillAsync(Token)).LastOrDefault(line => long.TryParse(line, out _));
        if (last is not null) flushed = Math.Max(flushed, long.Parse(last, CultureInfo.InvariantCulture));

        Assert.Equal([runId], await tracking.Tracker.RecoverAsync(Token));
        var run = await tracking.Tracker.GetRunAsync(runId, Token);
        Assert.Equal(RunStatus.Killed, run.Status);
        Assert.NotNull(run.EndTime);
        var steps = await tracking.Tracker.GetMetricHistoryAsync(runId, "m", Token).Select(metric => metric.Step).ToListAsync(Token);
        Assert.True(steps.Count >= flushed * 1000, $"{flushed} flushes of 1000 were told, {steps.Count} measurements are there.");
        // Each flush was one batch, so what is there is whole batches from the beginning.
        Assert.Equal(0, steps.Count % 1000);
        Assert.Equal(Enumerable.Range(0, steps.Count).Select(step => (long)step), steps);
        Assert.Equal(steps.Count - 1, run.Metrics["m"].Step);
        Assert.True(run.Params.Count >= flushed);
    }

    [Fact]
    public async Task OpenReadAsync_WriterWasKilled_ReadsOldOrNewContent()
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await using var writer = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "artifacts", _file.Path);
            for (var i = 0; i < 3 + (7 * attempt); i++) Assert.NotNull(await writer.ReadLineAsync(Token));
            await writer.KillAsync(Token);
            var tracking = await _file.OpenTrackingAsync();
            await using var stream = await tracking.Artifacts.OpenReadAsync("m/model.bin", cancellationToken: Token);
            using var reader = new StreamReader(stream);
            var text = await reader.ReadToEndAsync(Token);
            Assert.Equal(new string(text[0], 50_000 + (text[0] - 'a')), text);
        }
    }

    [Fact]
    public async Task RegisterVersionAsync_SeveralProcesses_NumbersWithoutGaps()
    {
        await using var one = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "versions", _file.Path, "40");
        await using var other = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "versions", _file.Path, "40");
        var tracking = await _file.OpenTrackingAsync();
        var numbers = new List<int>();
        for (var i = 0; i < 20; i++) numbers.Add((await tracking.Registry.RegisterVersionAsync("m", new NewModelVersion("s", new string('b', 64)), Token)).Version);
        foreach (var lines in await Task.WhenAll(one.RunToEndAsync(Token), other.RunToEndAsync(Token)))
            numbers.AddRange(lines.Select(line => int.Parse(line, CultureInfo.InvariantCulture)));
        Assert.Equal(Enumerable.Range(1, 100), numbers.Order());
    }

    [Fact]
    public async Task WatchAsync_AliasMovedByAnotherProcess_DeliversTheVersion()
    {
        var tracking = await _file.OpenTrackingAsync(registry: new RegistryOptions { PollInterval = TimeSpan.FromMilliseconds(20) });
        for (var i = 0; i < 2; i++) await tracking.Registry.RegisterVersionAsync("m", new NewModelVersion("s", new string('b', 64)), Token);
        await tracking.Registry.SetAliasAsync("m", "champion", 1, cancellationToken: Token);
        await using var versions = tracking.Registry.WatchAsync(ModelUri.Parse("models:/m@champion"), Token).GetAsyncEnumerator(Token);
        Assert.True(await versions.MoveNextAsync());
        Assert.Equal(1, versions.Current.Version);
        await using var other = ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "alias", _file.Path, "2");
        await other.RunToEndAsync(Token);
        Assert.True(await versions.MoveNextAsync());
        Assert.Equal(2, versions.Current.Version);
    }
}
