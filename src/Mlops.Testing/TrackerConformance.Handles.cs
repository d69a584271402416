using Mlops.Data;
using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <content>What handles and bodies of runs do.</content>
public abstract partial class TrackerConformance
{
    /// <summary>A body that waits for nothing needs no task, also that of a part.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RunAsync_BodyThatDoesNotWait_IsCompleted()
    {
        var (tracker, _) = await CreateAsync();
        await using var parent = await tracker.StartRunAsync("e", cancellationToken: Token);
        var run = await tracker.RunAsync("e", run => run.LogMetric("m", 1), cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, 1.0), (run.Status, run.Metrics["m"].Value));
        var part = await tracker.RunAsync(parent, run => run.LogParam("p", 1), cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, parent.Id), (part.Status, part.Tags[RunTags.ParentRunId]));
        await Assert.ThrowsAsync<InvalidDataException>(() => tracker.RunAsync("e", new Action<Run>(_ => throw new InvalidDataException("so")), cancellationToken: Token));
        Assert.Equal("InvalidDataException: so", (await tracker.SearchRunsAsync(new RunQuery("e") { MaxResults = 1 }, Token).FirstAsync(Token)).Tags[RunTags.Error]);
    }

    /// <summary>A body may end its run itself, as a failure without an exception for instance.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RunAsync_BodyThatCompletesItsRun_IsLeftAsItIs()
    {
        var (tracker, _) = await CreateAsync();
        RunSnapshot? left = null;
        var run = await tracker.RunAsync(
            "e",
            async run =>
            {
                Assert.Null(run.CompletedSnapshot);
                run.SetTag(RunTags.Error, "the model is worse than the mean");
                left = await run.CompleteAsync(RunStatus.Failed, Token);
            },
            cancellationToken: Token);
        Assert.Same(left, run);
        Assert.Equal((RunStatus.Failed, "the model is worse than the mean"), (run.Status, run.Tags[RunTags.Error]));
        Assert.Equivalent(run, await tracker.GetRunAsync(run.Id, Token), strict: true);
    }

    /// <summary>A run that is disposed before it is completed has failed and says so; resuming it takes the reason away.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task DisposeAsync_NotCompleted_SaysWhyItFailed()
    {
        var (tracker, _) = await CreateAsync();
        var run = await tracker.StartRunAsync("e", cancellationToken: Token);
        await run.DisposeAsync();
        var failed = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal(RunStatus.Failed, failed.Status);
        Assert.Contains("disposed", failed.Tags[RunTags.Error], StringComparison.Ordinal);
        Assert.Null(run.CompletedSnapshot);

        var resumed = await tracker.ResumeRunAsync(run.Id, Token);
        Assert.DoesNotContain(RunTags.Error, (await tracker.GetRunAsync(run.Id, Token)).Tags);
        resumed.SetTag(RunTags.Error, "of one's own");
        await resumed.DisposeAsync();
        Assert.Equal("of one's own", (await tracker.GetRunAsync(run.Id, Token)).Tags[RunTags.Error]);
    }

    /// <summary>Params that are logged together are kept together or not at all.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task LogParams_OneNotAllowed_KeepsNone()
    {
        var (tracker, _) = await CreateAsync();
        await using var run = await tracker.StartRunAsync("e", cancellationToken: Token);
        run.LogParam("known", "1");
        Assert.Throws<ArgumentException>(() => run.LogParams([new("a", "1"), new("b@", "2"), new("c", "3")]));
        Assert.Throws<ArgumentException>(() => run.LogParams([new("a", "1"), new("b", new string('x', 6001))]));
        Assert.Throws<ArgumentNullException>(() => run.LogParams([new("a", "1"), new("b", null!)]));
        Assert.Throws<EntityConflictException>(() => run.LogParams([new("a", "1"), new("known", "2")]));
        Assert.Throws<EntityConflictException>(() => run.LogParams([new("a", "1"), new("a", "2")]));
        run.LogParams([new("known", "1"), new("d", "4"), new("d", "4")]);
        Assert.Equal(["d", "known"], (await run.CompleteAsync(cancellationToken: Token)).Params.Keys);
    }

    /// <summary>A tag can be removed, and what was done with it last counts.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RemoveTag_SetBeforeOrAfter_LastCounts()
    {
        var (tracker, _) = await CreateAsync();
        await using var run = await tracker.StartRunAsync("e", new StartRunOptions { Tags = new Dictionary<string, string> { ["first"] = "1", ["kept"] = "1" } }, Token);
        run.SetTag("both", "1");
        run.RemoveTag("both");
        run.RemoveTag("again");
        run.SetTag("again", "2");
        run.RemoveTag("first");
        run.RemoveTag("absent");
        await run.FlushAsync(Token);
        Assert.Equal([("again", "2"), ("kept", "1")], Own(await tracker.GetRunAsync(run.Id, Token)));
        run.RemoveTag("kept");
        Assert.Throws<ArgumentException>(() => run.RemoveTag(""));
        Assert.Equal([("again", "2")], Own(await run.CompleteAsync(cancellationToken: Token)));
        Assert.Throws<RunFinishedException>(() => run.RemoveTag("again"));

        static IEnumerable<(string, string)> Own(RunSnapshot run) => run.Tags.Where(tag => !tag.Key.StartsWith("ml", StringComparison.Ordinal)).Select(tag => (tag.Key, tag.Value));
    }

    /// <summary>What has names comes in the order of the names, whatever order it was logged in.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task GetRunAsync_LoggedInAnyOrder_IsOrderedByName()
    {
        var (tracker, _) = await CreateAsync();
        string[] names = ["b", "a", "B", "ä", "a b", "10", "9", "z/x"];
        var experiment = await tracker.Experiments.CreateExperimentAsync("e", names.ToDictionary(name => name, name => name), Token);
        var left = await tracker.RunAsync("e", run =>
        {
            foreach (var name in names)
            {
                run.LogParam(name, name);
                run.LogMetric(name, 1);
                run.SetTag(name, name);
            }
        }, cancellationToken: Token);
        string[] sorted = [.. names.Order(StringComparer.Ordinal)];
        foreach (var run in new[] { left, await tracker.GetRunAsync(left.Id, Token), await tracker.SearchRunsAsync(new RunQuery("e"), Token).SingleAsync(Token) })
        {
            Assert.Equal(sorted, run.Params.Keys);
            Assert.Equal(sorted, run.Metrics.Keys);
            Assert.Equal(sorted, run.Tags.Keys.Where(names.Contains));
        }

        Assert.Equal(sorted, experiment.Tags.Keys);
        experiment = await tracker.Experiments.UpdateExperimentAsync(experiment.Id, new ExperimentChanges { Tags = [new("0", "")] }, Token);
        Assert.Equal(sorted.Prepend("0"), experiment.Tags.Keys);
        Assert.Equal(sorted.Prepend("0"), (await tracker.Experiments.SearchExperimentsAsync(new ExperimentQuery(), Token)).Items.Single().Tags.Keys);
    }

    /// <summary>What a dataset was used for need not be said, and then no search for it finds the run.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task LogInput_WithoutContext_IsKept()
    {
        var (tracker, _) = await CreateAsync();
        var dataset = new DatasetReference("d", new string('a', 64), 1, new DataSchema());
        var run = await tracker.RunAsync("e", run => run.LogInput(dataset), cancellationToken: Token);
        Assert.Equal(new DatasetInput(dataset, "").ToString(), Assert.Single(run.Inputs).ToString());
        Assert.Single(await tracker.SearchRunsAsync(new RunQuery("e") { Filter = RunSearch.Filter("dataset.name = 'd'") }, Token).ToListAsync(Token));
        foreach (var filter in new[] { "dataset.context != 'training'", "dataset.context LIKE '%'", "dataset.context NOT IN ('training')" })
            Assert.Empty(await tracker.SearchRunsAsync(new RunQuery("e") { Filter = RunSearch.Filter(filter) }, Token).ToListAsync(Token));
    }

    /// <summary>A handle whose run was deleted takes nothing more, and does not keep the run from being resumed once it is restored, whether it was disposed before or is later.</summary>
    /// <param name="isDisposedBefore">Whether the handle is disposed before the run is resumed.</param>
    /// <returns>A task that completes when the test has.</returns>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ResumeRunAsync_DeletedWhileAHandleLogged_GoesOnOnceRestored(bool isDisposedBefore)
    {
        var (tracker, _) = await CreateAsync();
        var run = await tracker.StartRunAsync("e", cancellationToken: Token);
        run.LogMetric("m", 1, 1);
        await run.FlushAsync(Token);
        await tracker.DeleteRunAsync(run.Id, Token);
        run.LogMetric("m", 2, 2);
        var refused = await Assert.ThrowsAsync<EntityConflictException>(() => run.FlushAsync(Token));
        Assert.Contains("ResumeRunAsync", refused.Message, StringComparison.Ordinal);
        Assert.Contains("restore", (await Assert.ThrowsAsync<EntityConflictException>(() => tracker.ResumeRunAsync(run.Id, Token))).Message, StringComparison.Ordinal);

        await tracker.RestoreRunAsync(run.Id, Token);
        Assert.Throws<EntityConflictException>(() => run.LogMetric("m", 3, 3));
        if (isDisposedBefore) await run.DisposeAsync();
        await using var again = await tracker.ResumeRunAsync(run.Id, Token);
        again.LogMetric("m", 4, 4);
        await again.FlushAsync(Token);
        // The run has one handle: the old one is no reason to take it from the new one.
        await Assert.ThrowsAsync<EntityConflictException>(() => tracker.ResumeRunAsync(run.Id, Token));
        // Once more, with two handles that are refused.
        await tracker.DeleteRunAsync(run.Id, Token);
        again.SetTag("t", "1");
        await Assert.ThrowsAsync<EntityConflictException>(() => again.FlushAsync(Token));
        await tracker.RestoreRunAsync(run.Id, Token);
        await using var third = await tracker.ResumeRunAsync(run.Id, Token);
        third.LogMetric("m", 5, 5);
        Assert.Equal(RunStatus.Finished, (await third.CompleteAsync(cancellationToken: Token)).Status);
        Assert.Equal([1L, 4, 5], await tracker.GetMetricHistoryAsync(run.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token));
        Assert.DoesNotContain(RunTags.Error, (await tracker.GetRunAsync(run.Id, Token)).Tags.Keys);
        await run.DisposeAsync();
        Assert.Equal(RunStatus.Finished, (await tracker.GetRunAsync(run.Id, Token)).Status);
    }

    /// <summary>Names that are empty, and what has no value, are refused alike wherever they are given, in words that name them.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task StartRunAsync_EmptyNames_ThrowAlike()
    {
        var (tracker, _) = await CreateAsync();
        await using var run = await tracker.StartRunAsync("e", cancellationToken: Token);
        foreach (var name in new[] { "", "  " })
        {
            Assert.Throws<ArgumentException>(() => run.SetName(name));
            await Assert.ThrowsAsync<ArgumentException>(() => tracker.StartRunAsync("e", new StartRunOptions { Name = name }, Token));
            await Assert.ThrowsAsync<ArgumentException>(() => tracker.StartRunAsync("e", new StartRunOptions { ParentRunId = name }, Token));
            await Assert.ThrowsAsync<ArgumentException>(() => tracker.Runs.UpdateRunAsync(run.Id, new RunChanges { Name = name }, Token));
            await Assert.ThrowsAsync<ArgumentException>(() => tracker.StartRunAsync(name, cancellationToken: Token));
        }

        Assert.Throws<ArgumentException>(() => run.SetTag(RunTags.ParentRunId, run.Id));
        await Assert.ThrowsAsync<ArgumentException>(() => tracker.Runs.UpdateRunAsync(run.Id, new RunChanges { Tags = [new(RunTags.ParentRunId, run.Id)] }, Token));
        Assert.Contains("of a param", Assert.Throws<ArgumentException>(() => run.LogParam("", "1")).Message, StringComparison.Ordinal);
        Assert.Contains("'depth'", Assert.Throws<ArgumentNullException>(() => run.LogParam("depth", null!)).Message, StringComparison.Ordinal);
        Assert.Contains("'team'", Assert.Throws<ArgumentNullException>(() => run.SetTag("team", null!)).Message, StringComparison.Ordinal);
        var interval = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => tracker.StartRunAsync("e", new StartRunOptions { SystemMetricsInterval = TimeSpan.Zero }, Token));
        Assert.Contains("StartRunOptions.SystemMetricsInterval", interval.Message, StringComparison.Ordinal);
    }
}
