using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IExperimentStore"/> does. Derive a test class for each implementation.</summary>
public abstract class ExperimentStoreConformance
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes empty stores.</summary>
    /// <returns>The stores.</returns>
    protected abstract Task<TrackingStores> CreateAsync();

    /// <summary>An experiment is found as it was created.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CreateExperimentAsync_NewName_IsFoundWithItsTags()
    {
        var store = (await CreateAsync()).Experiments;
        var created = await store.CreateExperimentAsync("fährt 日本 🚕 'quoted'", new Dictionary<string, string> { ["team"] = "ä" }, Token);
        Assert.Equal(LifecycleStage.Active, created.Stage);
        var found = await store.FindExperimentAsync("fährt 日本 🚕 'quoted'", Token);
        Assert.Equivalent(created, found, strict: true);
        Assert.Equal("ä", found!.Tags["team"]);
    }

    /// <summary>A name can be taken once; names are case-sensitive.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CreateExperimentAsync_NameTaken_ThrowsConflict()
    {
        var store = (await CreateAsync()).Experiments;
        var first = await store.CreateExperimentAsync("a", null, Token);
        var error = await Assert.ThrowsAsync<EntityConflictException>(() => store.CreateExperimentAsync("a", null, Token));
        Assert.Equal(("experiment", "a"), (error.Kind, error.Name));
        Assert.NotEqual(first.Id, (await store.CreateExperimentAsync("A", null, Token)).Id);
    }

    /// <summary>Of many that create an experiment at once, one does.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CreateExperimentAsync_ManyAtOnce_OneSucceeds()
    {
        var store = (await CreateAsync()).Experiments;
        var succeeded = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                await store.CreateExperimentAsync("a", null, Token);
                return true;
            }
            catch (EntityConflictException)
            {
                return false;
            }
        })));
        Assert.Single(succeeded, created => created);
    }

    /// <summary>A name that is empty or too long is refused.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CreateExperimentAsync_NameNotAllowed_ThrowsArgumentException()
    {
        var store = (await CreateAsync()).Experiments;
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.CreateExperimentAsync("", null, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.CreateExperimentAsync(" ", null, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.CreateExperimentAsync(new string('x', 501), null, Token));
        Assert.NotNull(await store.CreateExperimentAsync(new string('x', 500), null, Token));
    }

    /// <summary>A name, tags and the time of the last change are changed in one step.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateExperimentAsync_Changes_AreMade()
    {
        var store = (await CreateAsync()).Experiments;
        var created = await store.CreateExperimentAsync("a", new Dictionary<string, string> { ["t"] = "1", ["u"] = "1" }, Token);
        var changes = new ExperimentChanges { Name = "b", RemovedTags = ["u", "absent", "v"], Tags = [KeyValuePair.Create("t", "2"), KeyValuePair.Create("v", "3")] };
        var changed = await store.UpdateExperimentAsync(created.Id, changes, Token);
        Assert.Equal(("b", created.Id, created.CreatedAt), (changed.Name, changed.Id, changed.CreatedAt));
        Assert.Equal(new Dictionary<string, string> { ["t"] = "2", ["v"] = "3" }, changed.Tags);
        Assert.True(changed.LastUpdatedAt >= created.LastUpdatedAt);
        Assert.Equivalent(changed, await store.FindExperimentByIdAsync(created.Id, Token), strict: true);
        Assert.Equivalent(changed, await store.FindExperimentAsync("b", Token), strict: true);
        Assert.Null(await store.FindExperimentAsync("a", Token));
        Assert.Equal("1", created.Tags["t"]);
        // Its own name is not taken by itself, and its old one is free.
        await store.UpdateExperimentAsync(created.Id, new ExperimentChanges { Name = "b" }, Token);
        Assert.NotNull(await store.CreateExperimentAsync("a", null, Token));
    }

    /// <summary>A name that is taken, also by a deleted experiment, changes nothing; neither does anything of a deleted experiment change.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateExperimentAsync_NameTakenOrDeleted_ThrowsAndChangesNothing()
    {
        var store = (await CreateAsync()).Experiments;
        var taken = await store.CreateExperimentAsync("taken", null, Token);
        await store.SetExperimentStageAsync(taken.Id, LifecycleStage.Deleted, Token);
        var other = await store.CreateExperimentAsync("other", null, Token);
        var error = await Assert.ThrowsAsync<EntityConflictException>(
            () => store.UpdateExperimentAsync(other.Id, new ExperimentChanges { Tags = [KeyValuePair.Create("t", "1")], Name = "taken" }, Token));
        Assert.Equal(("experiment", "taken"), (error.Kind, error.Name));
        Assert.Equivalent(other, await store.FindExperimentByIdAsync(other.Id, Token), strict: true);
        await Assert.ThrowsAsync<EntityConflictException>(() => store.UpdateExperimentAsync(taken.Id, new ExperimentChanges { Name = "free" }, Token));
        await Assert.ThrowsAsync<EntityConflictException>(() => store.UpdateExperimentAsync(taken.Id, new ExperimentChanges { Tags = [KeyValuePair.Create("t", "1")] }, Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => store.UpdateExperimentAsync("4711", new ExperimentChanges(), Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => store.UpdateExperimentAsync("no number", new ExperimentChanges(), Token));
    }

    /// <summary>An experiment is deleted and restored with all its runs, those that were deleted one by one included.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SetExperimentStageAsync_DeletedAndRestored_TakesItsRunsAlong()
    {
        var stores = await CreateAsync();
        var (one, other, elsewhere) = (await stores.CreateRunAsync("e", cancellationToken: Token), await stores.CreateRunAsync("e", cancellationToken: Token), await stores.CreateRunAsync("x", cancellationToken: Token));
        await stores.Runs.SetRunStageAsync(other.Id, LifecycleStage.Deleted, Token);
        for (var i = 0; i < 2; i++) Assert.Equal(LifecycleStage.Deleted, (await stores.Experiments.SetExperimentStageAsync(one.ExperimentId, LifecycleStage.Deleted, Token)).Stage);
        Assert.Equal(LifecycleStage.Deleted, (await stores.Experiments.FindExperimentAsync("e", Token))!.Stage);
        Assert.Equal(LifecycleStage.Deleted, (await stores.Runs.FindRunAsync(one.Id, Token))!.Stage);
        Assert.Equal(LifecycleStage.Active, (await stores.Runs.FindRunAsync(elsewhere.Id, Token))!.Stage);
        await Assert.ThrowsAsync<EntityConflictException>(() => stores.Experiments.CreateExperimentAsync("e", null, Token));
        Assert.Equal(LifecycleStage.Active, (await stores.Experiments.SetExperimentStageAsync(one.ExperimentId, LifecycleStage.Active, Token)).Stage);
        foreach (var run in new[] { one, other }) Assert.Equal(LifecycleStage.Active, (await stores.Runs.FindRunAsync(run.Id, Token))!.Stage);
        // What it is already changes nothing, also not its runs.
        await stores.Runs.SetRunStageAsync(other.Id, LifecycleStage.Deleted, Token);
        await stores.Experiments.SetExperimentStageAsync(one.ExperimentId, LifecycleStage.Active, Token);
        Assert.Equal(LifecycleStage.Deleted, (await stores.Runs.FindRunAsync(other.Id, Token))!.Stage);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => stores.Experiments.SetExperimentStageAsync("4711", LifecycleStage.Deleted, Token));
    }

    /// <summary>Names, tags and text that cannot be kept are refused.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateExperimentAsync_BeyondLimits_ThrowsArgumentException()
    {
        var store = (await CreateAsync()).Experiments;
        var created = await store.CreateExperimentAsync("a", null, Token);
        ExperimentChanges[] bad =
        [
            new() { Name = "" }, new() { Name = new string('x', 501) }, new() { Name = "a\0" }, new() { Name = "\udc00" }, new() { RemovedTags = [""] },
            new() { Tags = [KeyValuePair.Create("", "1")] }, new() { Tags = [KeyValuePair.Create("t", new string('v', 5001))] }, new() { Tags = [KeyValuePair.Create("t", "a\ud800")] },
        ];
        foreach (var changes in bad) await Assert.ThrowsAnyAsync<ArgumentException>(() => store.UpdateExperimentAsync(created.Id, changes, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.CreateExperimentAsync("b\0", null, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.CreateExperimentAsync("b", new Dictionary<string, string> { ["t"] = new string('v', 10_000_000) }, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.FindExperimentAsync("\ud800", Token));
        await store.UpdateExperimentAsync(created.Id, new ExperimentChanges { Name = new string('x', 500), Tags = [KeyValuePair.Create("t", new string('v', 5000))] }, Token);
        Assert.Null(await store.FindExperimentAsync("a", Token));
    }

    /// <summary>Searches find what their definition says, on pages of any size, the latest first when nothing else is asked for.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchExperimentsAsync_ManyQueries_FindWhatTheDefinitionSays()
    {
        var store = (await CreateAsync()).Experiments;
        var all = new List<Experiment>();
        foreach (var name in new[] { "ridge", "Ridge", "lasso 日本", "🚕", "a*b", "größe", "a_b", "100%" })
        {
            var tags = all.Count % 3 == 0 ? null : new Dictionary<string, string> { ["team"] = all.Count % 2 == 0 ? "transit" : "Rail" };
            var created = await store.CreateExperimentAsync(name, tags, Token);
            all.Add(all.Count == 4 ? await store.SetExperimentStageAsync(created.Id, LifecycleStage.Deleted, Token) : created);
        }

        string[] filters = ["", "name = 'ridge'", "name != 'ridge'", "name ILIKE 'R%'", "name LIKE 'R%'", "tags.team = 'transit'", "tags.team LIKE '%a%' AND name != '🚕'", "creation_time > 0", "last_update_time <= 0"];
        string[] orders = ["", "name", "name DESC", "experiment_id", "creation_time", "last_update_time DESC"];
        foreach (var filter in filters)
        {
            foreach (var order in orders)
            {
                foreach (var view in Enum.GetValues<LifecycleView>())
                {
                    var query = new ExperimentQuery { Filter = ExperimentSearch.Filter(filter), OrderBy = order.Length == 0 ? [] : ExperimentSearch.Order(order), View = view, MaxResults = 3 };
                    var shown = all.Where(experiment => view == LifecycleView.All || (view == LifecycleView.DeletedOnly) == (experiment.Stage == LifecycleStage.Deleted));
                    var expected = SearchPlan.For(query with { MaxResults = 100 }).Find(shown, ExperimentSearch.Accessor).Items;
                    var found = new List<Experiment>();
                    do
                    {
                        var page = await store.SearchExperimentsAsync(query, Token);
                        found.AddRange(page.Items);
                        query = query with { PageToken = page.NextPageToken };
                    }
                    while (query.PageToken is not null);
                    Assert.Equal(expected.Select(experiment => experiment.Name), found.Select(experiment => experiment.Name));
                    Assert.Equivalent(expected, found, strict: true);
                }
            }
        }

        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.SearchExperimentsAsync(new ExperimentQuery { MaxResults = 0 }, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.SearchExperimentsAsync(new ExperimentQuery { PageToken = "none" }, Token));
    }

    /// <summary>What does not exist is not found.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task FindExperimentAsync_UnknownName_ReturnsNull()
    {
        var store = (await CreateAsync()).Experiments;
        Assert.Null(await store.FindExperimentAsync("absent", Token));
        foreach (var id in new[] { "4711", "none", "-1", "01" }) Assert.Null(await store.FindExperimentByIdAsync(id, Token));
    }
}
