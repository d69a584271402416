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

    /// <summary>Experiments are listed by creation.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ListExperimentsAsync_Several_ReturnsThemByCreation()
    {
        var store = (await CreateAsync()).Experiments;
        foreach (var name in new[] { "c", "a", "b" }) await store.CreateExperimentAsync(name, new Dictionary<string, string> { ["n"] = name }, Token);
        var listed = (await store.SearchExperimentsAsync(new ExperimentQuery(), Token)).Items;
        Assert.Equal(["c", "a", "b"], listed.Select(experiment => experiment.Name));
        Assert.Equal(["c", "a", "b"], listed.Select(experiment => experiment.Tags["n"]));
    }

    /// <summary>What does not exist is not found.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task FindExperimentAsync_UnknownName_ReturnsNull() => Assert.Null(await (await CreateAsync()).Experiments.FindExperimentAsync("absent", Token));
}
