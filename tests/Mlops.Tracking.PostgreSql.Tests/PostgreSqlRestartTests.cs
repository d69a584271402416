using Mlops.Artifacts;
using Mlops.Tests;
using Npgsql;

namespace Mlops.Tracking.PostgreSql.Tests;

public sealed class PostgreSqlRestartTests : IAsyncLifetime
{
    private readonly PostgreSqlServer _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Pooling = true, MaxPoolSize = 20 }.ConnectionString;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ServerRestartedMeanwhile_DeliversEverythingExactlyOnce(bool isCrash)
    {
        const int Count = 20_000;
        await using var tracking = await PostgreSqlTracking.OpenAsync(ConnectionString, new InMemoryArtifactStore(), cancellationToken: Token);
        await using var run = await tracking.Tracker.StartRunAsync("e", cancellationToken: Token);
        var restarting = Task.CompletedTask;
        for (var i = 0; i < Count; i++)
        {
            run.LogMetric("m", i, i);
            if (i == Count / 4) restarting = Task.Run(() => RestartAsync(isCrash), Token);
            // Spread over the time of the restart, so that metrics fall before, into and after it.
            if (i % 100 == 0) await Task.Delay(5, Token);
        }

        await restarting;
        await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (long)i), await tracking.Tracker.GetMetricHistoryAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token));
        Assert.Equal(RunStatus.Finished, (await tracking.Tracker.GetRunAsync(run.Id, Token)).Status);
    }

    /// <summary>Of many runs some end before the outage, most within it, and some after it; those that have ended are resumed, and end once more.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Runs_ServerRestartedWhileTheyEnd_EndOnceWithEverything(bool isCrash)
    {
        const int Runs = 60;
        const int Count = 200;
        var folder = Directory.CreateTempSubdirectory("mlops-spool-");
        try
        {
            // So short that some of it goes to the spool, and comes from there.
            var options = new TrackerOptions { RetryDuration = TimeSpan.FromMilliseconds(100), CaptureEnvironment = false };
            options.Spool.Directory = folder.FullName;
            options.Spool.RetryInterval = TimeSpan.FromMilliseconds(200);
            await using var tracking = await PostgreSqlTracking.OpenAsync(ConnectionString, new InMemoryArtifactStore(), tracker: options, cancellationToken: Token);
            var runs = new List<Run>();
            for (var i = 0; i < Runs; i++) runs.Add(await tracking.Tracker.StartRunAsync("e", cancellationToken: Token));
            var (restarting, isAway) = (Task.CompletedTask, new TaskCompletionSource());
            var ending = new List<Task<RunSnapshot>>();
            for (var i = 0; i < Runs; i++)
            {
                for (var step = 0; step < Count; step++) runs[i].LogMetric("m", i, step);
                runs[i].LogParam("p", i);
                runs[i].SetTag("t", $"{i}");
                if (i == Runs / 4) restarting = Task.Run(() => RestartAsync(isCrash, isAway), Token);
                if (i == Runs / 2) await isAway.Task.WaitAsync(Token);
                ending.Add(runs[i].CompleteAsync(i % 3 == 0 ? RunStatus.Failed : RunStatus.Finished, Token));
            }

            Assert.Equal(Runs, (await Task.WhenAll(ending)).Length);
            await restarting;
            for (var i = 0; i < Runs; i += 2)
            {
                await using var resumed = await tracking.Tracker.ResumeRunAsync(runs[i].Id, Token);
                resumed.LogMetric("n", 1);
                await resumed.FlushAsync(Token);
                Assert.Equal(RunStatus.Running, (await tracking.Tracker.GetRunAsync(runs[i].Id, Token)).Status);
                await resumed.CompleteAsync(RunStatus.Killed, Token);
            }

            for (var i = 0; i < Runs; i++)
            {
                var found = await tracking.Tracker.GetRunAsync(runs[i].Id, Token);
                Assert.Equal((i % 2 == 0 ? RunStatus.Killed : i % 3 == 0 ? RunStatus.Failed : RunStatus.Finished, $"{i}", $"{i}"), (found.Status, found.Params["p"], found.Tags["t"]));
                Assert.Equal(Enumerable.Range(0, Count).Select(step => (long)step), await tracking.Tracker.GetMetricHistoryAsync(found.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token));
            }

            var status = tracking.Tracker.GetStatus();
            Assert.Equal((0L, 0L, 0L, 0L), (status.RefusedEntries, status.RefusedBytes, status.SpooledBytes, status.BufferedEntries));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task CachedModelResolver_ServerRestarted_HearsChangesAgain()
    {
        var options = new RegistryOptions { PollInterval = TimeSpan.FromMinutes(10), MaxCacheAge = TimeSpan.FromMinutes(10) };
        await using var here = new RelationalDatabase(new PostgreSqlDialect(ConnectionString));
        var registry = new RelationalModelRegistry(here, options);
        for (var i = 0; i < 2; i++) await registry.RegisterVersionAsync("m", new NewModelVersion("models/m", new string('a', 64)), Token);
        await registry.SetAliasAsync("m", "champion", 1, cancellationToken: Token);
        var resolver = new CachedModelResolver(registry, options);
        Assert.Equal(1, (await resolver.ResolveAsync(ModelUri.Parse("models:/m@champion"), Token)).Version);
        var heard = await HearAsync(registry, null);
        await RestartAsync(isCrash: false);
        // The number says that something may have changed, once the connection is back.
        await HearAsync(registry, heard);
        await using var elsewhere = new RelationalDatabase(new PostgreSqlDialect(ConnectionString));
        var before = await HearAsync(registry, null);
        await new RelationalModelRegistry(elsewhere, options).SetAliasAsync("m", "champion", 2, cancellationToken: Token);
        await HearAsync(registry, before);
        Assert.Equal(2, (await resolver.ResolveAsync(ModelUri.Parse("models:/m@champion"), Token)).Version);
    }

    private static async Task<long> HearAsync(RelationalModelRegistry registry, long? before)
    {
        while (true)
        {
            if (await registry.ReadVersionAsync(Token) is { } version && version != before) return version;
            await Task.Delay(5, Token);
        }
    }

    private async Task RestartAsync(bool isCrash, TaskCompletionSource? isAway = null)
    {
        await _server.StopAsync(isCrash);
        isAway?.SetResult();
        await _server.StartAsync();
    }
}
