using Mlops.Data;
using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IRunStore"/> does. Derive a test class for each implementation.</summary>
public abstract class RunStoreConformance
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

    /// <summary>Names and values beyond the limits are refused; at the limits they are kept.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_BeyondLimits_ThrowsArgumentException()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        foreach (var name in new[] { "", new string('n', 251), "a//b", "../a", "/a", "a/", "a\nb", "a*b" })
            await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param(name, "1")] }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("p", new string('v', 6001))] }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { Tags = [KeyValuePair.Create("t", new string('v', 8001))] }));
        var longest = new string('n', 250);
        await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param(longest, new string('v', 6000))], Tags = [KeyValuePair.Create(longest, new string('v', 8000))] });
        Assert.Equal(6000, (await stores.Runs.FindRunAsync(run.Id, Token))!.Params[longest].Length);
    }

    /// <summary>A run that has ended rejects every write.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task EndRunAsync_EndedRun_RejectsWrites()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(start: s_start, cancellationToken: Token);
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Failed, s_start.AddMinutes(1), Token);
        var found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Failed, s_start.AddMinutes(1)), (found.Status, found.EndTime));
        Assert.Equal(run.Id, (await Assert.ThrowsAsync<RunFinishedException>(() => stores.Runs.EndRunAsync(run.Id, RunStatus.Finished, s_start, Token))).RunId);
        await Assert.ThrowsAsync<RunFinishedException>(() => UpdateAsync(stores, run.Id, new RunChanges { Tags = [KeyValuePair.Create("t", "1")] }));
        Assert.Equal(RunStatus.Failed, (await stores.Runs.FindRunAsync(run.Id, Token))!.Status);
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
        await Assert.ThrowsAsync<EntityNotFoundException>(async () => await stores.Runs.SearchRunsAsync(new RunQuery("absent"), Token));
    }

    /// <summary>Without an order, the latest runs come first; the state and the number are limited.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_ByState_ReturnsLatestFirst()
    {
        var stores = await CreateAsync();
        var runs = new List<RunSnapshot>();
        for (var i = 0; i < 4; i++) runs.Add(await stores.CreateRunAsync("e", s_start.AddMinutes(i), null, Token));
        await stores.CreateRunAsync("other", null, null, Token);
        await stores.Runs.EndRunAsync(runs[1].Id, RunStatus.Finished, s_start, Token);
        Assert.Equal([3, 2, 1, 0], await SearchAsync(stores, runs, new RunQuery("e")));
        Assert.Equal([3, 2], await SearchAsync(stores, runs, new RunQuery("e") { MaxResults = 2 }));
    }

    /// <summary>Ordered by a metric, its latest value counts; NaN comes after the numbers, and runs without the metric come last.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_ByMetric_OrdersByLatestValue()
    {
        var stores = await CreateAsync();
        var runs = new List<RunSnapshot>();
        double?[] values = [3, null, double.NaN, -1, double.PositiveInfinity, double.NegativeInfinity];
        for (var i = 0; i < values.Length; i++)
        {
            var run = await stores.CreateRunAsync("e", s_start.AddMinutes(i), null, Token);
            runs.Add(run);
            if (values[i] is not { } value) continue;
            // An earlier step must not count.
            Metric[] metrics = [new("m", value, 1, s_start), new("m", 100 - i, 0, s_start), new("other", i, 0, s_start)];
            await stores.Metrics.AppendAsync(new MetricBatch(run.Id, "w", 1, metrics), Token);
        }

        Assert.Equal([5, 3, 0, 4, 2, 1], await SearchAsync(stores, runs, new RunQuery("e") { OrderBy = [Metric("m")] }));
        Assert.Equal([4, 0, 3, 5, 2, 1], await SearchAsync(stores, runs, new RunQuery("e") { OrderBy = [Metric("m", isDescending: true)] }));
        Assert.Equal([5, 4, 3, 2, 1, 0], await SearchAsync(stores, runs, new RunQuery("e") { OrderBy = [Metric("unknown", isDescending: true)] }));
    }

    /// <summary>A search over more runs than any page holds returns every one, complete.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_ManyRuns_ReturnsAllComplete()
    {
        var stores = await CreateAsync();
        for (var i = 0; i < 450; i++)
        {
            var run = await stores.CreateRunAsync("e", s_start.AddMinutes(i), null, Token);
            await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("i", $"{i}")] });
        }

        var found = (await stores.Runs.SearchRunsAsync(new RunQuery("e"), Token)).Items.Select(run => run.Params["i"]);
        Assert.Equal(Enumerable.Range(0, 450).Reverse().Select(i => $"{i}"), found);
    }

    private static Task UpdateAsync(TrackingStores stores, string runId, RunChanges changes) => stores.Runs.UpdateRunAsync(runId, changes, Token);

    private static async Task<List<int>> SearchAsync(TrackingStores stores, List<RunSnapshot> runs, RunQuery query)
        => [.. (await stores.Runs.SearchRunsAsync(query, Token)).Items.Select(found => runs.FindIndex(run => run.Id == found.Id))];

    private static SearchOrder Metric(string name, bool isDescending = false) => new(new SearchField(SearchEntity.Metric, name), isDescending);

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
