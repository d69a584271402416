#pragma warning disable xUnit1051 // The examples are as the documentation has them, without tokens.
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Artifacts;
using Mlops.Data;
using Mlops.Reports;
using Mlops.State;

namespace Mlops.Tracking.Sqlite.Tests;

/// <summary>The examples of docs/tracking.md, word for word.</summary>
public sealed partial class TrackingDocsTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public void CodeBlocks_OfDocumentation_AreTestedExamples()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Mlops.sln"))) root = root.Parent!;
        var source = File.ReadAllText(Path.Combine(root.FullName, "tests", "Mlops.Tracking.Sqlite.Tests", nameof(TrackingDocsTests) + ".cs")).ReplaceLineEndings("\n");
        var examples = Region().Matches(source).Select(match => Unindent(match.Groups["code"].Value)).ToArray();
        var blocks = CodeBlock().Matches(File.ReadAllText(Path.Combine(root.FullName, "docs", "tracking.md")).ReplaceLineEndings("\n")).Select(match => match.Groups["code"].Value.Trim()).ToArray();
        Assert.NotEmpty(blocks);
        Assert.Equal(blocks.Order(StringComparer.Ordinal), examples.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Examples_OfDocumentation_Run()
    {
        var database = _file.Path;
        var customers = InMemoryDataset.FromColumns("customers", (new ColumnSchema("x", ElementType.Float64), new Column<double>([1.0, 2.0])));

        // docs
        await using var tracking = await SqliteTracking.OpenAsync(database);

        var finished = await tracking.Tracker.RunAsync("churn", async run =>
        {
            run.LogParam("alpha", 0.5);                                    // invariant culture, whatever the machine's
            run.LogParams(new Dictionary<string, string> { ["kind"] = "ridge", ["solver"] = "qr" });
            run.LogInput(await DatasetFingerprint.ComputeAsync(customers, "customers.csv"), "training");
            for (var step = 0; step < 100; step++) run.LogMetric("loss", 1.0 / (step + 1), step);
            run.SetNote("Weights from the **spring** survey.");
            await run.LogTextAsync("notes/readme.txt", "Seen by three people.");
            await run.LogFigureAsync("loss.svg", new BarChart("Loss").AddBar("last", 0.01));
        }, new StartRunOptions { Name = "first try", Seed = 17 });

        var best = await tracking.Tracker.BestRunAsync("churn", "loss", MetricDirection.Minimize);
        // end
        Assert.Equal((finished.Id, "0.5", "17", 0.01), (best!.Id, best.Params["alpha"], best.Tags[RunTags.Seed], best.Metrics["loss"].Value));
        Assert.Single(best.Inputs);

        await LogPartsAsync(tracking.Tracker);
        await SearchAsync(tracking.Tracker);
    }

    [Fact]
    public async Task Registration_OfDocumentation_IsUsed()
    {
        var (services, database, folder) = (new ServiceCollection(), _file.Path, Path.Combine(_file.Folder, "spool"));

        // docs
        services.AddMlops().AddTracking(tracking => tracking
            .UseSqlite(database)
            .Configure(options =>
            {
                options.FlushInterval = TimeSpan.FromSeconds(2);
                options.TruncateLongValues = true;               // instead of an ArgumentException
                options.Spool.Directory = folder;
                options.Spool.MaxBytes = 100_000_000;
                options.Secrets.Names.Add("license number");     // beside the names that are known
            }));
        // end
        await using var provider = services.BuildServiceProvider();
        var run = await provider.GetRequiredService<ITracker>().RunAsync(
            "e",
            run =>
            {
                run.LogParam("LicenseNumber", new string('1', 7000));
                run.LogParam("long", new string('1', 7000));
                return Task.CompletedTask;
            },
            null,
            Token);
        Assert.Equal(("***", 6000), (run.Params["LicenseNumber"], run.Params["long"].Length));
        Assert.NotNull(provider.GetRequiredService<TrackingHealthCheck>());
    }

    [Fact]
    public async Task Files_OfDocumentation_AreReadBack()
    {
        var tracking = await _file.OpenTrackingAsync();
        var (tracker, artifacts) = (tracking.Tracker, tracking.Artifacts);
        var (file, folder, copy) = (Path.Combine(_file.Folder, "customers.csv"), Path.Combine(_file.Folder, "charts"), Path.Combine(_file.Folder, "copy"));
        await File.WriteAllTextAsync(file, "x\n1\n", Token);
        Directory.CreateDirectory(Path.Combine(folder, "more"));
        await File.WriteAllTextAsync(Path.Combine(folder, "more", ".hidden.svg"), "<svg/>", Token);
        var (weights, scores) = (new byte[] { 1, 2, 3 }, new Dictionary<string, double> { ["auc"] = 0.8 });

        // docs
        var finished = await tracker.RunAsync("churn", async run =>
        {
            await run.LogFileAsync(file);                                        // by its own name; or LogFileAsync(file, "data/customers.csv")
            await run.LogFolderAsync(folder, "plots");                           // with sub-folders and hidden files
            await run.LogArtifactAsync("weights.bin", new MemoryStream(weights));   // any stream, read to its end
            await run.LogJsonAsync("scores.json", scores, ScoresJson.Default.DictionaryStringDouble);
        });
        // end
        scores = [];

        // docs
        var plots = RunUri.Of(finished.Id, "plots");                             // or RunUri.Parse("runs:/<run id>/plots")
        await foreach (Artifact artifact in artifacts.ListAsync(plots)) Console.WriteLine($"{artifact.Path} {artifact.Length}");

        await using (Stream content = await artifacts.OpenReadAsync(RunUri.Of(finished.Id, "scores.json")))
            scores = (await JsonSerializer.DeserializeAsync(content, ScoresJson.Default.DictionaryStringDouble))!;

        await artifacts.DownloadDirectoryAsync(RunUri.Of(finished.Id), copy);    // without a path: all files of the run
        // end
        Assert.Equal(0.8, scores["auc"]);
        Assert.Equal(plots.ArtifactPath + "/more/.hidden.svg", (await artifacts.ListAsync(plots, Token).SingleAsync(Token)).Path);
        Assert.Equal(finished.ArtifactRoot, RunUri.Of(finished.Id).ArtifactPath);
        Assert.Equal(plots, RunUri.Parse(plots.ToString()));
        Assert.Equal(
            ["customers.csv", "plots/more/.hidden.svg", "scores.json", "weights.bin"],
            Directory.GetFiles(copy, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(copy, path).Replace('\\', '/')).Order(StringComparer.Ordinal));
        var nothing = RunUri.Of(finished.Id, "nothing");
        Assert.Empty(await artifacts.ListAsync(nothing, Token).ToListAsync(Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => artifacts.OpenReadAsync(nothing, Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => artifacts.DownloadDirectoryAsync(nothing, copy, Token));
    }

    [Fact]
    public async Task Stores_OfDocumentation_AreTracked()
    {
        var folder = Path.Combine(_file.Folder, "artifacts");

        // docs
        var store = new InMemoryTrackingStore();
        await using var backend = new TrackingBackend
        {
            Experiments = store, Runs = store, Leases = store, Metrics = store,   // one object, or several
            Registry = new InMemoryModelRegistry(), State = new InMemoryStateStore(), Artifacts = new LocalArtifactStore(folder),
        };
        await using var tracker = new Tracker(backend);
        // end
        var run = await tracker.RunAsync("e", run => run.LogTextAsync("a.txt", "a"), null, Token);
        Assert.True(File.Exists(Path.Combine(folder, "runs", run.Id, "a.txt")));
    }

    private static async Task LogPartsAsync(ITracker tracker)
    {
        // docs
        await using var sweep = await tracker.StartRunAsync("churn", new StartRunOptions { SystemMetricsInterval = TimeSpan.FromSeconds(5) });
        foreach (var alpha in new[] { 0.1, 1, 10 })
        {
            await tracker.RunAsync(sweep, run =>
            {
                run.LogParam("alpha", alpha);
                run.LogMetrics(new Dictionary<string, double> { ["auc"] = 0.8, ["loss"] = alpha });
                return Task.CompletedTask;
            });
        }

        var left = await sweep.CompleteAsync();

        await using var again = await tracker.ResumeRunAsync(left.Id);
        again.SetTag("reviewed", "yes");
        await again.CompleteAsync();
        // end
        Assert.Equal((RunStatus.Finished, "yes"), ((await tracker.GetRunAsync(left.Id, Token)).Status, (await tracker.GetRunAsync(left.Id, Token)).Tags["reviewed"]));
    }

    private static async Task SearchAsync(ITracker tracker)
    {
        // docs
        var experiment = await tracker.Experiments.CreateExperimentAsync("uplift", new Dictionary<string, string> { ["team"] = "growth" });
        await tracker.Experiments.UpdateExperimentAsync(experiment.Id, new ExperimentChanges { Name = "uplift 2", RemovedTags = ["team"] });
        await tracker.Experiments.SetExperimentStageAsync(experiment.Id, LifecycleStage.Deleted);   // with all its runs
        await tracker.Experiments.SetExperimentStageAsync(experiment.Id, LifecycleStage.Active);

        var query = new RunQuery("churn") { Filter = RunSearch.Filter("metrics.loss < 0.5 AND params.alpha = '0.1'") };
        await foreach (var run in tracker.SearchRunsAsync(query))
        {
            var plot = await tracker.Metrics.SampleAsync(new MetricQuery(run.Id, "loss"), points: 1000);
            await tracker.DeleteRunAsync(run.Id);
            await tracker.RestoreRunAsync(run.Id);
        }
        // end
        Assert.Single(await tracker.SearchRunsAsync(query, Token).ToListAsync(Token));
        Assert.Equal("uplift 2", (await tracker.Experiments.FindExperimentByIdAsync(experiment.Id, Token))!.Name);
    }

    [Fact]
    public async Task StoredRuns_OfDocumentation_AreReadAndChanged()
    {
        var tracker = (await _file.OpenTrackingAsync()).Tracker;
        var id = (await tracker.RunAsync("churn", LogAsync, null, Token)).Id;

        // docs
        RunSnapshot stored = await tracker.GetRunAsync(id);                      // tracker.Runs.FindRunAsync gives null where there is none
        await foreach (Metric point in tracker.GetMetricHistoryAsync(id, "loss")) Console.WriteLine($"{point.Step}: {point.Value}");
        var part = await tracker.Metrics.ReadAsync(new MetricQuery(id, "loss") { FromStep = 10, ToStep = 19, MaxResults = 5 });

        await tracker.Runs.UpdateRunAsync(id, new RunChanges
        {
            Name = "second try",
            Tags = [new(RunTags.Note, "Looked at again."), new("reviewed", "yes")],
            RemovedTags = ["to do"],                                             // before tags are set; one that is not there is passed over
        });

        await tracker.DeleteRunAsync(id);
        var deleted = await tracker.SearchRunsAsync(new RunQuery("churn") { View = LifecycleView.DeletedOnly }).ToListAsync();
        await tracker.RestoreRunAsync(id);
        // end
        Assert.Equal((5, 10L), (part.Items.Count, part.Items[0].Step));
        Assert.NotNull(part.NextPageToken);
        Assert.Equal((stored.Id, LifecycleStage.Deleted), (Assert.Single(deleted).Id, deleted[0].Stage));
        var changed = await tracker.GetRunAsync(id, Token);
        Assert.Equal(("second try", "yes", RunStatus.Finished), (changed.Name, changed.Tags["reviewed"], changed.Status));
        Assert.DoesNotContain("to do", changed.Tags.Keys);

        // What the text says of plots and of stages.
        var plot = await tracker.Metrics.SampleAsync(new MetricQuery(id, "loss"), 10, Token);
        Assert.Equal((10, 0L, 299L), (plot.Count, plot[0].Step, plot[^1].Step));
        Assert.DoesNotContain(plot, point => point.Value == 1000);
        await tracker.DeleteRunAsync(id, Token);
        await tracker.Experiments.SetExperimentStageAsync(stored.ExperimentId, LifecycleStage.Deleted, Token);
        await tracker.Experiments.SetExperimentStageAsync(stored.ExperimentId, LifecycleStage.Active, Token);
        Assert.Equal(LifecycleStage.Active, (await tracker.GetRunAsync(id, Token)).Stage);
        await tracker.Experiments.SetExperimentStageAsync(stored.ExperimentId, LifecycleStage.Deleted, Token);
        await tracker.RestoreRunAsync(id, Token);
        Assert.Single(await tracker.SearchRunsAsync(new RunQuery("churn"), Token).ToListAsync(Token));
        await Assert.ThrowsAsync<EntityConflictException>(() => tracker.StartRunAsync("churn", null, Token));
        await using var again = await tracker.ResumeRunAsync(id, Token);
        await again.CompleteAsync(RunStatus.Finished, Token);
        Assert.Equal(stored.StartTime, (await tracker.GetRunAsync(id, Token)).StartTime);

        static Task LogAsync(Run run)
        {
            run.SetTag("to do", "look again");
            for (var step = 0; step < 300; step++) run.LogMetric("loss", step == 123 ? 1000 : 1.0 / (step + 1), step);
            return Task.CompletedTask;
        }
    }

    private static string Unindent(string code)
    {
        var lines = code.Trim('\n').TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : "")).Trim();
    }

    [GeneratedRegex(@"\n[ ]*// docs\n(?<code>.*?)\n[ ]*// end", RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}

[JsonSerializable(typeof(Dictionary<string, double>))]
internal sealed partial class ScoresJson : JsonSerializerContext;
