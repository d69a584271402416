using System.Text.RegularExpressions;
using Mlops.Models;

#pragma warning disable xUnit1051 // The examples are as the documentation shows them.
namespace Mlops.Tracking.Sqlite.Tests;

/// <summary>The examples of docs/search.md and docs/registry.md, word for word.</summary>
public sealed partial class RegistryDocumentTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Theory]
    [InlineData("search.md")]
    [InlineData("registry.md")]
    public void CodeBlocks_OfDocumentation_AreTestedExamples(string document)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Mlops.sln"))) folder = folder.Parent!;
        var here = Path.Combine(folder.FullName, "tests", "Mlops.Tracking.Sqlite.Tests", "RegistryDocumentTests.cs");
        var examples = Example().Matches(File.ReadAllText(here).ReplaceLineEndings("\n")).Select(match => Unindent(match.Groups["code"].Value)).ToArray();
        var blocks = CodeBlock().Matches(File.ReadAllText(Path.Combine(folder.FullName, "docs", document)).ReplaceLineEndings("\n")).Select(match => match.Groups["code"].Value.Trim()).ToArray();
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(block, examples));
    }

    [Fact]
    public async Task Search_Examples_FindTheRun()
    {
        var tracking = await _file.OpenTrackingAsync();
        await tracking.Tracker.RunAsync("ridership", Log);
        await tracking.Tracker.RunAsync("ridership", run => SqliteFile.LogAsync(run, 1));
        for (var i = 0; i < 4; i++) await tracking.Registry.RegisterVersionAsync("ridership", new NewModelVersion("models/a", new string('a', 64)));
        var found = new List<string>();

        // docs: runs
        var query = new RunQuery("ridership")
        {
            Filter = RunSearch.Filter("metrics.rmse < 900 AND params.kind = 'ridge' AND status = 'FINISHED'"),
            OrderBy = RunSearch.Order("metrics.rmse", "start_time DESC"),
            MaxResults = 100,
        };
        var same = query with
        {
            Filter = RunSearch.Metric("rmse") < 900 & RunSearch.Param("kind").Is("ridge") & RunSearch.Status.Is(RunStatus.Finished),
            OrderBy = [RunSearch.Metric("rmse").Ascending, RunSearch.StartTime.Descending],
        };
        await foreach (var run in tracking.Tracker.SearchRunsAsync(query)) found.Add(run.Name);
        // end
        Assert.Equal((query.Filter, query.OrderBy.Count), (same.Filter, same.OrderBy.Count));
        Assert.Equal(query.OrderBy, same.OrderBy);
        Assert.Single(found);

        // docs: pages
        var page = await tracking.Registry.SearchVersionsAsync(new ModelVersionQuery { Filter = ModelVersionSearch.Filter("name = 'ridership' AND version_number > 1"), MaxResults = 2 });
        var next = page.NextPageToken;
        // end
        Assert.Equal(2, page.Items.Count);
        Assert.NotNull(next);

        static Task Log(Run run)
        {
            run.LogParam("kind", "ridge");
            run.LogMetric("rmse", 800);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Pages_Examples_FindEachRunOnce()
    {
        var tracking = await _file.OpenTrackingAsync();
        for (var i = 0; i < 5; i++) await tracking.Tracker.RunAsync("ridership", run => SqliteFile.LogAsync(run, i));
        var found = new List<string>();

        // docs: all
        var all = await tracking.Tracker.SearchRunsAsync(new RunQuery("ridership")).ToListAsync();
        var three = await tracking.Tracker.SearchRunsAsync(new RunQuery("ridership") { MaxResults = 3 }).Take(3).ToListAsync();   // one page of three

        var query = new RunQuery("ridership") { MaxResults = 2 };
        do
        {
            Page<RunSnapshot> page = await tracking.Tracker.Runs.SearchRunsAsync(query);
            foreach (var run in page.Items) found.Add(run.Id);
            query = query with { PageToken = page.NextPageToken };
        }
        while (query.PageToken is not null);
        // end
        Assert.Equal(5, all.Count);
        Assert.Equal(all.Take(3).Select(run => run.Id), three.Select(run => run.Id));
        Assert.Equal(all.Select(run => run.Id), found);
        Assert.Equal(5, await tracking.Tracker.SearchRunsAsync(new RunQuery("ridership") { MaxResults = 3 }).CountAsync());
    }

    [Fact]
    public async Task Registry_Examples_ServeTheVersion()
    {
        var tracking = await _file.OpenTrackingAsync();
        var run = await tracking.Tracker.RunAsync("ridership", run => SqliteFile.LogAsync(run, 1));
        var (source, digest) = ("models/ridership", new string('a', 64));

        // docs: register
        var registry = tracking.Registry;
        var version = await registry.RegisterVersionAsync("ridership", new NewModelVersion(source, digest)
        {
            Lineage = new Lineage(RunId: run.Id),
            Tags = new Dictionary<string, string> { ["kind"] = "ridge" },
        });
        await registry.SetAliasAsync("ridership", "challenger", version.Version);
        await registry.SetAliasAsync("ridership", "champion", version.Version, AliasCondition.IfPointsTo(null));
        var served = await registry.ResolveAsync(ModelUri.Parse("models:/ridership@champion"));
        // end
        Assert.Equal(1, served.Version);

        // docs: change
        await registry.SetVersionStageAsync("ridership", version.Version, ModelStage.Production, archiveExisting: true);
        await registry.UpdateVersionAsync("ridership", version.Version, new ModelVersionChanges { Description = "trained on 2026", Tags = [new("approved", "yes")] });
        await registry.UpdateModelAsync("ridership", new RegisteredModelChanges { Name = "rides", Tags = [new("team", "transit")] });
        // end

        // docs: cached
        var resolver = new CachedModelResolver(registry);
        var current = await resolver.ResolveAsync(ModelUri.Parse("models:/rides@champion"));
        // end
        Assert.Equal(("rides", "yes", ModelStage.Production), (current.Name, current.Tags["approved"], current.Stage));

        // docs: versions
        RegisteredModel? model = await registry.FindModelAsync("rides");                     // its Aliases, and the highest version of each stage
        await foreach (ModelVersion listed in registry.ListVersionsAsync("rides")) Console.WriteLine($"{listed.Version} {listed.Stage}");   // the highest first
        await registry.SetVersionTagAsync("rides", version.Version, "approved", null);       // null removes the tag
        await registry.SetAliasAsync("rides", "challenger", null);                           // null removes the alias
        await registry.DeleteVersionAsync("rides", version.Version);                         // and DeleteModelAsync: for good
        // end
        Assert.Equal((1, 1, 1), (model!.Aliases["challenger"], model.Aliases["champion"], model.LatestVersions[ModelStage.Production]));
        Assert.Empty((await registry.FindModelAsync("rides"))!.Aliases);
        await registry.SetAliasAsync("rides", "challenger", null);
    }

    [Fact]
    public async Task Addresses_Examples_RegisterWhatTheRunHasStored()
    {
        var tracking = await _file.OpenTrackingAsync();
        var registry = tracking.Registry;
        var run = await tracking.Tracker.RunAsync("ridership", run => run.LogTextAsync($"model/{ModelFiles.Manifest}", "{}"));

        // docs: addresses
        var trained = await registry.RegisterVersionAsync("ridership", RunUri.Of(run.Id, "model"), tracking.Artifacts);
        var described = await tracking.Artifacts.DescribeModelAsync(RunUri.Of(run.Id, "model"));
        var once = await registry.RegisterVersionAsync("ridership", described with { Description = "by the nightly run", RequestKey = run.Id });
        // end
        Assert.Equal((1, run.ArtifactRoot + "/model", run.Id), (trained.Version, trained.Source, trained.Lineage.RunId));
        Assert.Equal((2, trained.Digest, "by the nightly run"), (once.Version, once.Digest, once.Description));
        Assert.Equal(2, (await registry.RegisterVersionAsync("ridership", described with { RequestKey = run.Id })).Version);
    }

    [Fact]
    public async Task WatchAsync_AddressOfNothing_WaitsAndTellsNoRemoval()
    {
        var registry = (await _file.OpenTrackingAsync()).Registry;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var watch = registry.WatchAsync(ModelUri.Parse("models:/rides@champion"), stop.Token).GetAsyncEnumerator(stop.Token);
        var next = watch.MoveNextAsync().AsTask();
        for (var i = 0; i < 2; i++) await registry.RegisterVersionAsync("rides", new NewModelVersion("models/a", new string('a', 64)));
        Assert.False(next.IsCompleted);
        await registry.SetAliasAsync("rides", "champion", 1);
        Assert.True(await next);
        Assert.Equal(1, watch.Current.Version);

        next = watch.MoveNextAsync().AsTask();
        await registry.SetAliasAsync("rides", "champion", null);
        await registry.SetAliasAsync("rides", "champion", 1);
        await registry.SetAliasAsync("rides", "champion", 2);
        Assert.True(await next);
        Assert.Equal(2, watch.Current.Version);
    }

    private static string Unindent(string code)
    {
        var lines = code.Trim('\n').TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : "")).Trim();
    }

    [GeneratedRegex(@"// docs: [^\n]*\n(?<code>.*?)\n[ ]*// end", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
