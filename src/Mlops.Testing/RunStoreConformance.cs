using Mlops.Data;
using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IRunStore"/> does. Derive a test class for each implementation.</summary>
public abstract partial class RunStoreConformance
{
    private static readonly DateTimeOffset s_start = new(2024, 2, 29, 12, 0, 0, 123, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes empty stores.</summary>
    /// <returns>The stores.</returns>
    protected abstract Task<TrackingStores> CreateAsync();

    /// <summary>A run is found as it was created.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CreateRunAsync_NewRun_IsFoundComplete()
    {
        var stores = await CreateAsync();
        var experiment = await stores.Experiments.CreateExperimentAsync("e", null, Token);
        var run = new RunSnapshot(Ids.Create(TimeProvider.System), experiment.Id, "Läuft 日本", RunStatus.Running, s_start)
        {
            User = "jörg",
            Params = new Dictionary<string, string> { ["α/β"] = "0.1" },
            Tags = new Dictionary<string, string> { [RunTags.Note] = "öffentlich 🚕" },
            Inputs = [Input("taxi")],
        };
        await stores.Runs.CreateRunAsync(run, null, Token);
        var found = await stores.Runs.FindRunAsync(run.Id, Token);
        Assert.Equivalent(run, found, strict: true);
        Assert.Equal(run.Inputs[0], found!.Inputs[0]);
        Assert.Equal("e", experiment.Name);
    }

    /// <summary>A run needs an experiment, and an identifier of its own.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CreateRunAsync_UnknownExperimentOrTakenId_Throws()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => stores.Runs.CreateRunAsync(run, null, Token));
        var homeless = run with { Id = Ids.Create(TimeProvider.System), ExperimentId = "4711" };
        await Assert.ThrowsAsync<EntityNotFoundException>(() => stores.Runs.CreateRunAsync(homeless, null, Token));
        await stores.Experiments.SetExperimentStageAsync(run.ExperimentId, LifecycleStage.Deleted, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => stores.Runs.CreateRunAsync(run with { Id = Ids.Create(TimeProvider.System) }, null, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.CreateRunAsync(run with { Id = "not hexadecimal" }, null, Token));
    }

    /// <summary>Changes that are known by a number are made once, also when the run has ended, was resumed or was deleted since.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_KnownNumber_DoesNothing()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        var first = Change(1, "1") with { Params = [new Param("p", "1")], Inputs = [Input("taxi")] };
        await stores.Runs.UpdateRunAsync(run.Id, first, Token);
        await stores.Runs.UpdateRunAsync(run.Id, Change(2, "2"), Token);
        await stores.Runs.UpdateRunAsync(run.Id, first, Token);
        Assert.Equal("2", (await stores.Runs.FindRunAsync(run.Id, Token))!.Tags["t"]);

        var end = Change(4, "4") with { End = new RunEnd(RunStatus.Finished, s_start.AddHours(1)) };
        await stores.Runs.UpdateRunAsync(run.Id, end, Token);
        foreach (var known in new[] { first, Change(3, "3"), end with { End = new RunEnd(RunStatus.Failed, s_start) } }) await stores.Runs.UpdateRunAsync(run.Id, known, Token);
        var found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Finished, s_start.AddHours(1), "4"), (found.Status, found.EndTime, found.Tags["t"]));

        await stores.Runs.ResumeRunAsync(run.Id, new RunLease(RunOwner.Current, TimeSpan.FromMinutes(1)), Token);
        await stores.Runs.UpdateRunAsync(run.Id, end, Token);
        Assert.Equal(RunStatus.Running, (await stores.Runs.FindRunAsync(run.Id, Token))!.Status);
        // Another writer has numbers of its own, and so has another run.
        await stores.Runs.UpdateRunAsync(run.Id, end with { Origin = new ChangeOrigin("another", 1) }, Token);
        Assert.Equal(RunStatus.Finished, (await stores.Runs.FindRunAsync(run.Id, Token))!.Status);
        await stores.Runs.SetRunStageAsync(run.Id, LifecycleStage.Deleted, Token);
        await stores.Runs.UpdateRunAsync(run.Id, end, Token);
        var other = await stores.CreateRunAsync(cancellationToken: Token);
        await stores.Runs.UpdateRunAsync(other.Id, Change(1, "1"), Token);
        Assert.Equal("1", (await stores.Runs.FindRunAsync(other.Id, Token))!.Tags["t"]);
    }

    /// <summary>A handle that has lost a run to another one, which has resumed it, neither ends nor changes nor fills it, also when they are of one process, and also when that one has died or ended it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_AnotherHandleHasResumedTheRun_IsRefused()
    {
        var stores = await CreateAsync();
        var (lost, holds) = ("one", "two");
        var run = await stores.CreateRunAsync(lease: new RunLease(RunOwner.Current, TimeSpan.FromHours(1)) { Holder = lost }, cancellationToken: Token);
        var before = new MetricBatch(run.Id, "one", 1, new[] { new Metric("m", 1, 0, s_start) }) { Holder = lost };
        await stores.Metrics.AppendAsync([before], Token);
        await stores.Runs.UpdateRunAsync(run.Id, Change(1, "1") with { Holder = lost }, Token);
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Killed, s_start, Token);
        // Nobody else has it.
        await stores.Runs.UpdateRunAsync(run.Id, Change(2, "2") with { Holder = lost, Params = [new Param("late", "1")] }, Token);
        await stores.Runs.ResumeRunAsync(run.Id, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)) { Holder = holds }, Token);

        var end = Change(4, "4") with { End = new RunEnd(RunStatus.Failed, s_start), Holder = lost };
        async Task AssertRefusedAsync()
        {
            foreach (var changes in new[] { Change(3, "3") with { Holder = lost }, end })
                Assert.Equal("run holder", (await Assert.ThrowsAsync<EntityConflictException>(() => stores.Runs.UpdateRunAsync(run.Id, changes, Token))).Kind);
            Assert.Equal("run holder", (await Assert.ThrowsAsync<EntityConflictException>(() => stores.Metrics.AppendAsync([before with { Sequence = 2 }], Token))).Kind);
        }

        await AssertRefusedAsync();
        // What is known is no news.
        await stores.Runs.UpdateRunAsync(run.Id, Change(2, "2") with { Holder = lost }, Token);
        await stores.Metrics.AppendAsync([before], Token);
        var found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Running, "2", "1", 1.0), (found.Status, found.Tags["t"], found.Params["late"], found.Metrics["m"].Value));
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Killed, s_start, Token);
        await AssertRefusedAsync();

        await stores.Metrics.AppendAsync([new MetricBatch(run.Id, "two", 1, new[] { new Metric("m", 2, 1, s_start) }) { Holder = holds }, new MetricBatch(run.Id, "any", 1, new[] { new Metric("n", 2, 1, s_start) })], Token);
        await stores.Runs.UpdateRunAsync(run.Id, new RunChanges { End = new RunEnd(RunStatus.Finished, s_start), Holder = holds }, Token);
        Assert.Equal((RunStatus.Finished, 2.0), ((await stores.Runs.FindRunAsync(run.Id, Token))!.Status, (await stores.Runs.FindRunAsync(run.Id, Token))!.Metrics["m"].Value));
        await AssertRefusedAsync();

        // Who resumes it in nobody's name takes it from everybody.
        await stores.Runs.ResumeRunAsync(run.Id, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)), Token);
        await AssertRefusedAsync();
        await Assert.ThrowsAsync<EntityConflictException>(() => stores.Runs.UpdateRunAsync(run.Id, new RunChanges { Name = "two", Holder = holds }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => stores.Runs.ResumeRunAsync(run.Id, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)) { Holder = new string('h', 251) }, Token));
    }

    /// <summary>Changes that were refused are not known.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_RefusedNumber_IsMadeLater()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await stores.Runs.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("p", "1")] }, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => stores.Runs.UpdateRunAsync(run.Id, Change(1, "1") with { Params = [new Param("p", "2")] }, Token));
        await stores.Runs.SetRunStageAsync(run.Id, LifecycleStage.Deleted, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => stores.Runs.UpdateRunAsync(run.Id, Change(1, "1"), Token));
        await stores.Runs.SetRunStageAsync(run.Id, LifecycleStage.Active, Token);
        await stores.Runs.UpdateRunAsync(run.Id, Change(1, "1"), Token);
        Assert.Equal("1", (await stores.Runs.FindRunAsync(run.Id, Token))!.Tags["t"]);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.UpdateRunAsync(run.Id, Change(0, "1"), Token));
    }

    /// <summary>Changes are added; tags are replaced; inputs that are known are left out; a snapshot read before does not change.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_Changes_AreAddedAndSnapshotsStay()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("p", "1")], Tags = [KeyValuePair.Create("t", "1")], Inputs = [Input("a")] });
        var before = await stores.Runs.FindRunAsync(run.Id, Token);
        await UpdateAsync(stores, run.Id, new RunChanges
        {
            Params = [new Param("q", "2"), new Param("p", "1")],
            Tags = [KeyValuePair.Create("t", "2"), KeyValuePair.Create("t", "3"), KeyValuePair.Create("u", "")],
            Inputs = [Input("a"), Input("b"), Input("a") with { Context = "test" }],
        });
        var after = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal(new Dictionary<string, string> { ["p"] = "1", ["q"] = "2" }, after.Params);
        Assert.Equal(new Dictionary<string, string> { ["t"] = "3", ["u"] = "" }, after.Tags);
        Assert.Equal([("a", "training"), ("b", "training"), ("a", "test")], after.Inputs.Select(input => (input.Dataset.Name, input.Context)));
        Assert.Equal(new Dictionary<string, string> { ["t"] = "1" }, before!.Tags);
        Assert.Single(before.Inputs);
    }

    /// <summary>A param keeps its first value, and a change that says otherwise is refused as a whole.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_ParamWithAnotherValue_ThrowsAndChangesNothing()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("p", "1")] });
        var error = await Assert.ThrowsAsync<EntityConflictException>(() => UpdateAsync(stores, run.Id, new RunChanges
        {
            Tags = [KeyValuePair.Create("t", "1")],
            Params = [new Param("new", "x"), new Param("p", "2")],
            Inputs = [Input("a")],
        }));
        Assert.Equal(("param", "p"), (error.Kind, error.Name));
        await Assert.ThrowsAsync<EntityConflictException>(() => UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("q", "1"), new Param("q", "2")] }));
        var found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal(new Dictionary<string, string> { ["p"] = "1" }, found.Params);
        Assert.Empty(found.Tags);
        Assert.Empty(found.Inputs);
    }

    /// <summary>A run that has ended as it should, or failed, takes a name and tags and rejects everything else.</summary>
    /// <param name="status">How it ended.</param>
    /// <returns>A task that completes when the test has.</returns>
    [Theory]
    [InlineData(RunStatus.Finished)]
    [InlineData(RunStatus.Failed)]
    public async Task UpdateRunAsync_EndedRun_TakesNameAndTagsOnly(RunStatus status)
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(start: s_start, cancellationToken: Token);
        await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("p", "1")] });
        await stores.Runs.EndRunAsync(run.Id, status, s_start.AddMinutes(1), Token);
        await UpdateAsync(stores, run.Id, new RunChanges { Name = "later", Tags = [KeyValuePair.Create("t", "1"), KeyValuePair.Create("u", "1")] });
        await UpdateAsync(stores, run.Id, new RunChanges { RemovedTags = ["u", "absent"] });
        await UpdateAsync(stores, run.Id, new RunChanges());
        var tag = KeyValuePair.Create("x", "1");
        Assert.Equal(run.Id, (await Assert.ThrowsAsync<RunFinishedException>(() => UpdateAsync(stores, run.Id, new RunChanges { Tags = [tag], Params = [new Param("p", "1")] }))).RunId);
        await Assert.ThrowsAsync<RunFinishedException>(() => UpdateAsync(stores, run.Id, new RunChanges { Tags = [tag], Inputs = [Input("a")] }));
        await Assert.ThrowsAsync<RunFinishedException>(() => UpdateAsync(stores, run.Id, new RunChanges { Tags = [tag], End = new RunEnd(RunStatus.Finished, s_start) }));
        var found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((status, s_start.AddMinutes(1), "later"), (found.Status, found.EndTime, found.Name));
        Assert.Equal(new Dictionary<string, string> { ["t"] = "1" }, found.Tags);
        Assert.Empty(found.Inputs);
    }

    /// <summary>A run that was ended because its process seemed dead takes what that process delivers late, how it really ended included.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_KilledRun_TakesLateDeliveries()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Killed, s_start, Token);
        await UpdateAsync(stores, run.Id, new RunChanges { Name = "late", Params = [new Param("p", "1")], Tags = [KeyValuePair.Create("t", "1")], Inputs = [Input("a")] });
        await Assert.ThrowsAsync<EntityConflictException>(() => UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("p", "2")] }));
        var found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Killed, s_start, "late", "1", "1"), (found.Status, found.EndTime, found.Name, found.Params["p"], found.Tags["t"]));
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Finished, s_start.AddDays(1), Token);
        found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Finished, s_start.AddDays(1)), (found.Status, found.EndTime));
        await Assert.ThrowsAsync<RunFinishedException>(() => stores.Runs.EndRunAsync(run.Id, RunStatus.Failed, s_start.AddDays(2), Token));
        Assert.Single(found.Inputs);
    }

    /// <summary>The last params and the end are one step: when one of them is refused, none happens.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_ChangesWithEnd_AreOneStep()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("p", "1")] });
        var end = new RunEnd(RunStatus.Finished, s_start.AddTicks(12));
        await Assert.ThrowsAsync<EntityConflictException>(() => UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("q", "1"), new Param("p", "2")], End = end }));
        Assert.Equal(RunStatus.Running, (await stores.Runs.FindRunAsync(run.Id, Token))!.Status);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { End = new RunEnd(RunStatus.Running, s_start) }));
        await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("q", "1")], RemovedTags = ["t"], Tags = [KeyValuePair.Create("t", "1")], End = end });
        var found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Finished, s_start, 2, "1"), (found.Status, found.EndTime, found.Params.Count, found.Tags["t"]));
    }

    /// <summary>A run that has ended can go on, and then ends again; one that is held, or deleted, cannot.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ResumeRunAsync_EndedRun_GoesOn()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        // Of a process that has died: this one's identifier, with another start.
        var lease = new RunLease(RunOwner.Current with { ProcessStart = "7" }, TimeSpan.FromHours(1));
        var held = await Assert.ThrowsAsync<EntityConflictException>(() => stores.Runs.ResumeRunAsync(run.Id, lease, Token));
        Assert.Equal(("run", run.Id), (held.Kind, held.Name));
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Failed, s_start, Token);
        await stores.Runs.ResumeRunAsync(run.Id, lease, Token);
        var resumed = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Running, null), (resumed.Status, resumed.EndTime));
        await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("p", "1")] });
        // The lease is that of the resumption.
        Assert.Equal([run.Id], await stores.Leases.EndAbandonedRunsAsync(Token));
        await stores.Runs.ResumeRunAsync(run.Id, lease, Token);
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Finished, s_start, Token);
        await stores.Runs.SetRunStageAsync(run.Id, LifecycleStage.Deleted, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => stores.Runs.ResumeRunAsync(run.Id, lease, Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => stores.Runs.ResumeRunAsync(new string('0', 32), lease, Token));
    }

    /// <summary>Of two that resume a run at once, one does.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ResumeRunAsync_ManyAtOnce_OneSucceeds()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Killed, s_start, Token);
        var succeeded = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                await stores.Runs.ResumeRunAsync(run.Id, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)), Token);
                return true;
            }
            catch (EntityConflictException)
            {
                return false;
            }
        })));
        Assert.Single(succeeded, resumed => resumed);
    }

    /// <summary>A deleted run is found, keeps everything and rejects changes until it is restored.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SetRunStageAsync_DeletedRun_RejectsChangesUntilRestored()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("p", "1")] });
        for (var i = 0; i < 2; i++) await stores.Runs.SetRunStageAsync(run.Id, LifecycleStage.Deleted, Token);
        var deleted = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((LifecycleStage.Deleted, RunStatus.Running, "1"), (deleted.Stage, deleted.Status, deleted.Params["p"]));
        Assert.Equal("run", (await Assert.ThrowsAsync<EntityConflictException>(() => UpdateAsync(stores, run.Id, new RunChanges { Name = "x" }))).Kind);
        await Assert.ThrowsAsync<EntityConflictException>(() => stores.Runs.EndRunAsync(run.Id, RunStatus.Finished, s_start, Token));
        await stores.Runs.SetRunStageAsync(run.Id, LifecycleStage.Active, Token);
        await UpdateAsync(stores, run.Id, new RunChanges { Name = "x" });
        Assert.Equal("x", (await stores.Runs.FindRunAsync(run.Id, Token))!.Name);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => stores.Runs.SetRunStageAsync(new string('0', 32), LifecycleStage.Deleted, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.SetRunStageAsync(run.Id, (LifecycleStage)7, Token));
    }

    /// <summary>MLflow's tag for the name of a run is its name, whoever sets it, and searches find it by either.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_TagOfTheName_NamesTheRun()
    {
        var stores = await CreateAsync();
        var first = await stores.CreateRunAsync(cancellationToken: Token);
        var second = first with { Id = Ids.Create(TimeProvider.System), Tags = new Dictionary<string, string> { [RunTags.RunName] = "b second", ["t"] = "1" } };
        await stores.Runs.CreateRunAsync(second, null, Token);
        await UpdateAsync(stores, first.Id, new RunChanges { Tags = [KeyValuePair.Create(RunTags.RunName, "x"), KeyValuePair.Create(RunTags.RunName, "a first")] });
        var (one, two) = ((await stores.Runs.FindRunAsync(first.Id, Token))!, (await stores.Runs.FindRunAsync(second.Id, Token))!);
        Assert.Equal(("a first", "b second"), (one.Name, two.Name));
        Assert.Empty(one.Tags);
        Assert.Equal(new Dictionary<string, string> { ["t"] = "1" }, two.Tags);
        foreach (var filter in new[] { "tags.`mlflow.runName` = 'a first'", "tags.mlflow.runName LIKE 'a%'", "run_name = 'a first'", "tags.`mlflow.runName` != 'b second'" })
            Assert.Equal(first.Id, Assert.Single((await stores.Runs.SearchRunsAsync(new RunQuery("e") { Filter = RunSearch.Filter(filter) }, Token)).Items).Id);
        var byName = await stores.Runs.SearchRunsAsync(new RunQuery("e") { OrderBy = RunSearch.Order("tags.`mlflow.runName` DESC") }, Token);
        Assert.Equal([second.Id, first.Id], byName.Items.Select(run => run.Id));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, first.Id, new RunChanges { Tags = [KeyValuePair.Create(RunTags.RunName, new string('n', 251))] }));
    }

    /// <summary>A run that does not exist is not found, and cannot be written to.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_UnknownRun_ThrowsNotFound()
    {
        var stores = await CreateAsync();
        var id = new string('0', 32);
        Assert.Null(await stores.Runs.FindRunAsync(id, Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => UpdateAsync(stores, id, new RunChanges()));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => stores.Runs.EndRunAsync(id, RunStatus.Finished, s_start, Token));
    }

    private static Task UpdateAsync(TrackingStores stores, string runId, RunChanges changes) => stores.Runs.UpdateRunAsync(runId, changes, Token);

    private static RunChanges Change(long number, string tag) => new() { Tags = [KeyValuePair.Create("t", tag)], Origin = new ChangeOrigin("writer!", number) };

    private static DatasetInput Input(string name) => new(
        new DatasetReference(
            name,
            new string('a', 64),
            42,
            new DataSchema(
                new ColumnSchema("größe", ElementType.Float64) { IsNullable = false },
                new ColumnSchema("v", ElementType.Float32) { Width = 3 },
                new ColumnSchema("y", ElementType.Int64, ColumnRole.Label)),
            "taxi.csv"),
        "training");
}
