using Mlops.Artifacts;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;

namespace Mlops.Samples.Tests;

/// <summary>The examples of the pages of packages (PACKAGE.md), word for word, each in a directory of its own.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class PackageExamples(WorkingDirectory here) : IClassFixture<WorkingDirectory>
{
    [Fact]
    public async Task Tracking_Example_Runs()
    {
        here.Enter();
        // package: Mlops.Tracking
        await using var tracking = new InMemoryTracking();

        var finished = await tracking.Tracker.RunAsync("ridership", async run =>
        {
            run.LogParam("learning_rate", 0.1);
            for (var step = 0; step < 100; step++) run.LogMetric("loss", 1.0 / (step + 1), step);
            await run.LogTextAsync("notes.txt", "first try");
        });
        Console.WriteLine($"{finished.Status}: loss {finished.Metrics["loss"].Value}");

        await tracking.Artifacts.DownloadDirectoryAsync(RunUri.Of(finished.Id), "files of the run");
        // end
        Assert.Equal((RunStatus.Finished, 0.01), (finished.Status, finished.Metrics["loss"].Value));
        Assert.Equal("first try", await File.ReadAllTextAsync("files of the run/notes.txt"));
    }

    [Fact]
    public async Task TrackingSqlite_Example_Runs()
    {
        here.Enter();
        // package: Mlops.Tracking.Sqlite
        await using var tracking = await SqliteTracking.OpenAsync("mlops.db");

        var run = await tracking.Tracker.RunAsync("ridership", async run =>
        {
            run.LogParam("learning_rate", 0.1);
            run.LogMetric("rmse", 2.7);
            await run.FlushAsync();
        });

        var best = await tracking.Tracker.BestRunAsync("ridership", "rmse", MetricDirection.Minimize);
        // end
        Assert.Equal((run.Id, 2.7), (best!.Id, best.Metrics["rmse"].Value));
        Assert.True(File.Exists("mlops.db"));
    }
}
