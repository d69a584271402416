using System.Text;
using Mlops.Artifacts;
using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="ITracker"/> does. Derive a test class for each implementation.</summary>
public abstract partial class TrackerConformance
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes a tracker over empty stores.</summary>
    /// <returns>The tracker, and the store that its runs write artifacts to.</returns>
    protected abstract Task<(ITracker Tracker, IArtifactStore Artifacts)> CreateAsync();

    /// <summary>A completed run holds everything that was logged to it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RunAsync_Body_IsKeptCompletely()
    {
        var (tracker, artifacts) = await CreateAsync();
        var options = new StartRunOptions { Name = "erster Lauf", ParentRunId = "parent", Tags = new Dictionary<string, string> { ["team"] = "ä" } };
        var run = await tracker.RunAsync(
            "e",
            async run =>
            {
                run.LogParam("rate", 0.5);
                run.LogParam("rate", "0.5");
                run.SetTag("note", "größer 日本");
                for (var step = 0; step < 10; step++) run.LogMetric("loss", 1.0 / (step + 1), step);
                run.LogMetric("nan", double.NaN);
                using var content = new MemoryStream("content"u8.ToArray());
                var artifact = await run.LogArtifactAsync("plots/a.txt", content, Token);
                Assert.Equal($"runs/{run.Id}/plots/a.txt", artifact.Path);
            },
            options,
            Token);
        Assert.Equal((RunStatus.Finished, "erster Lauf"), (run.Status, run.Name));
        Assert.NotNull(run.EndTime);
        Assert.Equal("0.5", run.Params["rate"]);
        Assert.Equal(("größer 日本", "ä", "parent"), (run.Tags["note"], run.Tags["team"], run.Tags[RunTags.ParentRunId]));
        Assert.Equal((0.1, 9), (run.Metrics["loss"].Value, run.Metrics["loss"].Step));
        Assert.Equal(double.NaN, run.Metrics["nan"].Value);
        Assert.Equal(10, await tracker.GetMetricHistoryAsync(run.Id, "loss", Token).CountAsync(Token));
        Assert.Equivalent(run, await tracker.GetRunAsync(run.Id, Token), strict: true);
        Assert.Equal([$"{run.ArtifactRoot}/plots/a.txt"], await artifacts.ListAsync(run.ArtifactRoot, Token).Select(artifact => artifact.Path).ToListAsync(Token));
    }

    /// <summary>Runs that one process starts one after the other are found in that order, also those of one millisecond.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task StartRunAsync_OneAfterTheOther_AreOrderedLatestFirst()
    {
        var (tracker, _) = await CreateAsync();
        var started = new List<string>();
        for (var i = 0; i < 50; i++)
        {
            await using var run = await tracker.StartRunAsync("e", cancellationToken: Token);
            started.Add(run.Id);
        }

        Assert.Equal(started, await Search(RunSearch.Order("start_time")));
        started.Reverse();
        Assert.Equal(started, await Search([]));
        Assert.Equal(started, await Search(RunSearch.Order("metrics.absent")));
        Assert.Equal(started, await Search(RunSearch.Order("created DESC")));

        async Task<List<string>> Search(IReadOnlyList<SearchOrder> order)
            => await tracker.SearchRunsAsync(new RunQuery("e") { OrderBy = order, MaxResults = 7 }, Token).Select(run => run.Id).ToListAsync(Token);
    }

    /// <summary>MLflow's tag for the name of a run names it, at the start and later; two names at once are refused.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SetTag_TagOfTheName_NamesTheRun()
    {
        var (tracker, _) = await CreateAsync();
        var options = new StartRunOptions { Tags = new Dictionary<string, string> { [RunTags.RunName] = "at first", ["t"] = "1" } };
        await using var run = await tracker.StartRunAsync("e", options, Token);
        var started = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal(("at first", "1"), (started.Name, started.Tags["t"]));
        Assert.DoesNotContain(RunTags.RunName, started.Tags);
        run.SetTag(RunTags.RunName, "later");
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal("later", left.Name);
        Assert.DoesNotContain(RunTags.RunName, left.Tags);
        Assert.Equal(run.Id, Assert.Single((await tracker.Runs.SearchRunsAsync(new RunQuery("e") { Filter = RunSearch.Tag(RunTags.RunName).Is("later") }, Token)).Items).Id);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => tracker.StartRunAsync("e", options with { Name = "another" }, Token));
    }

    /// <summary>What was logged before a flush is there for other readers after it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task FlushAsync_RunGoingOn_MakesEntriesVisible()
    {
        var (tracker, _) = await CreateAsync();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        run.LogMetric("m", 1);
        run.LogParam("p", 7);
        run.LogParam("day", new DateOnly(2020, 6, 5));
        run.LogParam("moment", new DateTime(2020, 6, 5, 4, 3, 2, DateTimeKind.Utc));
        await run.FlushAsync(Token);
        var found = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Running, 1.0, "7"), (found.Status, found.Metrics["m"].Value, found.Params["p"]));
        Assert.Equal(("2020-06-05", "2020-06-05T04:03:02.0000000Z"), (found.Params["day"], found.Params["moment"]));
        await run.CompleteAsync(cancellationToken: Token);
    }

    /// <summary>A run that is disposed without being completed has failed, and keeps what it logged.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task DisposeAsync_NotCompleted_EndsAsFailed()
    {
        var (tracker, _) = await CreateAsync();
        var run = await tracker.StartRunAsync("e", null, Token);
        run.LogMetric("m", 1);
        await run.DisposeAsync();
        await run.DisposeAsync();
        var found = await tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Failed, 1.0), (found.Status, found.Metrics["m"].Value));
        Assert.NotNull(found.EndTime);
    }

    /// <summary>An exception ends the run as failed, with the error as a tag.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RunAsync_BodyThrows_EndsAsFailedWithTheError()
    {
        var (tracker, _) = await CreateAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => tracker.RunAsync("e", _ => throw new InvalidDataException("no rows"), null, Token));
        var found = await tracker.SearchRunsAsync(new RunQuery("e"), Token).SingleAsync(Token);
        Assert.Equal((RunStatus.Failed, "InvalidDataException: no rows"), (found.Status, found.Tags[RunTags.Error]));
    }

    /// <summary>A run that has ended rejects everything.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task LogMetric_RunEnded_ThrowsRunFinished()
    {
        var (tracker, _) = await CreateAsync();
        var run = await tracker.StartRunAsync("e", null, Token);
        await run.CompleteAsync(RunStatus.Killed, Token);
        Assert.Equal(run.Id, Assert.Throws<RunFinishedException>(() => run.LogMetric("m", 1)).RunId);
        Assert.Throws<RunFinishedException>(() => run.LogParam("p", "1"));
        Assert.Throws<RunFinishedException>(() => run.SetTag("t", "1"));
        await Assert.ThrowsAsync<RunFinishedException>(() => run.LogArtifactAsync("a", new MemoryStream(Encoding.UTF8.GetBytes("x")), Token));
        await Assert.ThrowsAsync<RunFinishedException>(() => run.CompleteAsync(cancellationToken: Token));
        await run.DisposeAsync();
        Assert.Equal(RunStatus.Killed, (await tracker.GetRunAsync(run.Id, Token)).Status);
    }

    /// <summary>A param keeps its value, and mistakes of names and values are told at once.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task LogParam_ConflictOrMistake_ThrowsAtOnce()
    {
        var (tracker, _) = await CreateAsync();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        run.LogParam("p", "1");
        Assert.Equal("p", Assert.Throws<EntityConflictException>(() => run.LogParam("p", "2")).Name);
        Assert.ThrowsAny<ArgumentException>(() => run.LogParam("", "1"));
        Assert.ThrowsAny<ArgumentException>(() => run.LogParam("q", new string('x', 6001)));
        Assert.ThrowsAny<ArgumentException>(() => run.LogMetric(new string('x', 251), 1));
        Assert.ThrowsAny<ArgumentException>(() => run.SetTag("t", new string('x', 8001)));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => run.LogArtifactAsync("../a", Stream.Null, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => run.CompleteAsync(RunStatus.Running, Token));
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal(new Dictionary<string, string> { ["p"] = "1" }, left.Params);
    }

    /// <summary>Threads that log to one run at once lose nothing.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task LogMetric_ManyThreads_LosesNothing()
    {
        const int Threads = 4, Count = 5000;
        var (tracker, _) = await CreateAsync();
        var run = await tracker.RunAsync(
            "e",
            run => Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
            {
                for (var i = 0; i < Count; i++) run.LogMetric("m", i, (thread * Count) + i);
                run.LogParam($"p{thread}", thread);
            }))),
            null,
            Token);
        var history = await tracker.GetMetricHistoryAsync(run.Id, "m", Token).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(0, Threads * Count).Select(step => (long)step), history.Select(metric => metric.Step));
        Assert.Equal(Threads, run.Params.Count);
    }

    /// <summary>Experiments that are started at once are one.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task StartRunAsync_ManyAtOnce_ShareTheExperiment()
    {
        var (tracker, _) = await CreateAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => tracker.StartRunAsync("e", null, Token))));
        Assert.Single(runs.Select(run => run.ExperimentId).Distinct());
        Assert.Equal(8, runs.Select(run => run.Id).Distinct().Count());
        foreach (var run in runs) await run.CompleteAsync(cancellationToken: Token);
    }

    /// <summary>The best run is a finished one with the metric as a number: NaN is never the best, infinities are the largest and the smallest.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task BestRunAsync_Direction_ChoosesByIt()
    {
        var (tracker, _) = await CreateAsync();
        foreach (var value in new[] { 3.0, 1.0, 2.0 }) await tracker.RunAsync("e", run => LogAsync(run, value), null, Token);
        await tracker.RunAsync("e", _ => Task.CompletedTask, null, Token);
        await using var unfinished = await tracker.StartRunAsync("e", null, Token);
        unfinished.LogMetric("m", 0);
        await unfinished.FlushAsync(Token);
        Assert.Equal(1, (await tracker.BestRunAsync("e", "m", MetricDirection.Minimize, Token))!.Metrics["m"].Value);
        Assert.Equal(3, (await tracker.BestRunAsync("e", "m", MetricDirection.Maximize, Token))!.Metrics["m"].Value);
        Assert.Null(await tracker.BestRunAsync("e", "unknown", MetricDirection.Maximize, Token));

        foreach (var direction in new[] { MetricDirection.Minimize, MetricDirection.Maximize })
        {
            var name = $"nan {direction}";
            await tracker.RunAsync(name, run => LogAsync(run, double.NaN), null, Token);
            Assert.Null(await tracker.BestRunAsync(name, "m", direction, Token));
            // The worst of all numbers is better than none.
            var worst = direction == MetricDirection.Minimize ? double.PositiveInfinity : double.NegativeInfinity;
            await tracker.RunAsync(name, run => LogAsync(run, worst), null, Token);
            await tracker.RunAsync(name, run => LogAsync(run, double.NaN), null, Token);
            Assert.Equal(worst, (await tracker.BestRunAsync(name, "m", direction, Token))!.Metrics["m"].Value);
            await tracker.RunAsync(name, run => LogAsync(run, 5), null, Token);
            Assert.Equal(5, (await tracker.BestRunAsync(name, "m", direction, Token))!.Metrics["m"].Value);
            await tracker.RunAsync(name, run => LogAsync(run, -worst), null, Token);
            Assert.Equal(-worst, (await tracker.BestRunAsync(name, "m", direction, Token))!.Metrics["m"].Value);
        }

        static Task LogAsync(Run run, double value)
        {
            run.LogMetric("m", value);
            return Task.CompletedTask;
        }
    }

    /// <summary>What does not exist is said to be missing.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task GetRunAsync_Unknown_ThrowsNotFound()
    {
        var (tracker, _) = await CreateAsync();
        await Assert.ThrowsAsync<EntityNotFoundException>(() => tracker.GetRunAsync(new string('0', 32), Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(async () => await tracker.GetMetricHistoryAsync(new string('0', 32), "m", Token).ToListAsync(Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(async () => await tracker.SearchRunsAsync(new RunQuery("absent"), Token).ToListAsync(Token));
    }

    /// <summary>A run that has ended can be gone on with: it keeps what it has, and params stay what they are.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ResumeRunAsync_EndedRun_GoesOn()
    {
        var (tracker, _) = await CreateAsync();
        var first = await tracker.RunAsync(
            "e",
            run =>
            {
                run.LogParam("p", "1");
                run.LogMetric("m", 1, 1);
                return Task.CompletedTask;
            },
            null,
            Token);
        await using var run = await tracker.ResumeRunAsync(first.Id, Token);
        Assert.Equal((first.Id, first.ExperimentId), (run.Id, run.ExperimentId));
        var running = await tracker.GetRunAsync(first.Id, Token);
        Assert.Equal((RunStatus.Running, null), (running.Status, running.EndTime));
        await Assert.ThrowsAsync<EntityConflictException>(() => tracker.ResumeRunAsync(first.Id, Token));
        Assert.Throws<EntityConflictException>(() => run.LogParam("p", "2"));
        run.LogParam("p", "1");
        run.LogParam("q", true);
        run.LogMetric("m", 2, 2);
        var left = await run.CompleteAsync(cancellationToken: Token);
        Assert.Equal((RunStatus.Finished, "1", "true", 2.0), (left.Status, left.Params["p"], left.Params["q"], left.Metrics["m"].Value));
        Assert.Equal([1L, 2], await tracker.GetMetricHistoryAsync(first.Id, "m", Token).Select(metric => metric.Step).ToListAsync(Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => tracker.ResumeRunAsync(new string('0', 32), Token));
    }

    /// <summary>A run has parts, which are runs of the same experiment; names and notes can be set while it goes on.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task StartChildRunAsync_Parent_IsNoted()
    {
        var (tracker, _) = await CreateAsync();
        await using var parent = await tracker.StartRunAsync("e", new StartRunOptions { Seed = -7 }, Token);
        parent.SetName("sweep");
        parent.SetNote("Four *trials*.");
        var child = await tracker.RunAsync(
            parent,
            run =>
            {
                run.LogParams(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" });
                run.LogMetrics(new Dictionary<string, double> { ["x"] = 1, ["y"] = 2 }, 3);
                return Task.CompletedTask;
            },
            new StartRunOptions { Name = "trial", Tags = new Dictionary<string, string> { ["k"] = "v" } },
            Token);
        Assert.Equal((parent.Id, "v", parent.ExperimentId, "trial"), (child.Tags[RunTags.ParentRunId], child.Tags["k"], child.ExperimentId, child.Name));
        Assert.Equal((2, 3L, 2.0), (child.Params.Count, child.Metrics["x"].Step, child.Metrics["y"].Value));
        var left = await parent.CompleteAsync(cancellationToken: Token);
        Assert.Equal(("sweep", "Four *trials*.", "-7"), (left.Name, left.Tags[RunTags.Note], left.Tags[RunTags.Seed]));
    }

    /// <summary>A run can be deleted and restored; a deleted one takes nothing and cannot go on.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task DeleteRunAsync_ThenRestored_IsFoundAgain()
    {
        var (tracker, _) = await CreateAsync();
        var run = await tracker.RunAsync("e", _ => Task.CompletedTask, null, Token);
        await tracker.DeleteRunAsync(run.Id, Token);
        Assert.Empty(await tracker.SearchRunsAsync(new RunQuery("e"), Token).ToListAsync(Token));
        Assert.Equal(LifecycleStage.Deleted, (await tracker.GetRunAsync(run.Id, Token)).Stage);
        await Assert.ThrowsAsync<EntityConflictException>(() => tracker.ResumeRunAsync(run.Id, Token));
        await tracker.RestoreRunAsync(run.Id, Token);
        Assert.Single(await tracker.SearchRunsAsync(new RunQuery("e"), Token).ToListAsync(Token));
        var experiment = (await tracker.Experiments.FindExperimentAsync("e", Token))!;
        await tracker.Experiments.SetExperimentStageAsync(experiment.Id, LifecycleStage.Deleted, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => tracker.StartRunAsync("e", null, Token));
    }

    /// <summary>Secrets are stored nowhere: not in params and tags, nor in texts, of runs and of experiments.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task LogParam_Secrets_AreMasked()
    {
        var (tracker, _) = await CreateAsync();
        var run = await tracker.RunAsync(
            "e",
            run =>
            {
                run.LogParam("db_password", "hunter2");
                run.LogParam("max_tokens", 5);
                run.SetTag("source", "postgres://me:hunter2@db/x");
                return Task.CompletedTask;
            },
            new StartRunOptions { Tags = new Dictionary<string, string> { ["api-key"] = "hunter2" } },
            Token);
        Assert.Equal(("***", "5", "postgres://***@db/x", "***"), (run.Params["db_password"], run.Params["max_tokens"], run.Tags["source"], run.Tags["api-key"]));
        await tracker.Runs.UpdateRunAsync(run.Id, new RunChanges { Tags = [KeyValuePair.Create("token", "hunter2")] }, Token);
        Assert.Equal("***", (await tracker.GetRunAsync(run.Id, Token)).Tags["token"]);
        var experiment = await tracker.Experiments.CreateExperimentAsync("f", new Dictionary<string, string> { ["secret"] = "hunter2" }, Token);
        Assert.Equal("***", experiment.Tags["secret"]);
        await Assert.ThrowsAsync<InvalidDataException>(() => tracker.RunAsync("f", _ => throw new InvalidDataException("login with password=hunter2 failed"), null, Token));
        Assert.Equal("InvalidDataException: login with password=*** failed", (await tracker.SearchRunsAsync(new RunQuery("f"), Token).SingleAsync(Token)).Tags[RunTags.Error]);
    }

    /// <summary>Texts, files, folders and figures are stored with the run.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task LogFolderAsync_FilesAndMore_AreStored()
    {
        var (tracker, artifacts) = await CreateAsync();
        var folder = Directory.CreateTempSubdirectory("mlops-artifacts-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a.txt"), "a", Token);
            await File.WriteAllTextAsync(Path.Combine(folder.CreateSubdirectory("b").FullName, "c.txt"), "c", Token);
            await using var run = await tracker.StartRunAsync("e", null, Token);
            if (!OperatingSystem.IsWindows())
            {
                var link = Path.Combine(folder.FullName, "link");
                File.CreateSymbolicLink(link, "/etc/hostname");
                await Assert.ThrowsAsync<StorageException>(() => run.LogFolderAsync(folder.FullName, "data", Token));
                File.Delete(link);
            }

            await run.LogFolderAsync(folder.FullName, "data", Token);
            await run.LogFileAsync(Path.Combine(folder.FullName, "a.txt"), null, Token);
            await run.LogTextAsync("notes/ä.txt", "größer", Token);
            await run.LogFigureAsync("loss.svg", new Mlops.Reports.BarChart("a < b").AddBar("x", 1), Token);
            await run.CompleteAsync(cancellationToken: Token);
            var paths = await artifacts.ListAsync($"runs/{run.Id}", Token).Select(artifact => artifact.Path[38..]).ToListAsync(Token);
            Assert.Equal(["a.txt", "data/a.txt", "data/b/c.txt", "loss.svg", "notes/ä.txt"], paths);
            await using var content = await artifacts.OpenReadAsync($"runs/{run.Id}/notes/ä.txt", cancellationToken: Token);
            using var reader = new StreamReader(content);
            Assert.Equal("größer", await reader.ReadToEndAsync(Token));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
