using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <content>Searching.</content>
public abstract partial class ModelRegistryConformance
{
    /// <summary>Models are found by name and tags, in the order asked for.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchModelsAsync_Filters_FindWhatFulfilsThem()
    {
        var registry = await CreateAsync();
        foreach (var (name, team) in new[] { ("Rides", "transit"), ("rides_2", "transit"), ("churn", "sales"), ("größe", null) })
            await registry.CreateModelAsync(name, "", team is null ? null : new Dictionary<string, string> { ["team"] = team, ["a-b"] = name }, Token);
        Assert.Equal(["Rides", "churn", "größe", "rides_2"], await FindModelsAsync(registry, ""));
        Assert.Equal(["rides_2", "größe", "churn", "Rides"], await FindModelsAsync(registry, "", "name DESC"));
        Assert.Equal(["churn"], await FindModelsAsync(registry, "name = 'churn'"));
        Assert.Equal(["Rides", "größe", "rides_2"], await FindModelsAsync(registry, "name != 'churn'"));
        Assert.Equal(["rides_2"], await FindModelsAsync(registry, "name LIKE 'r%'"));
        Assert.Equal(["Rides", "rides_2"], await FindModelsAsync(registry, "name ILIKE 'R_DES%'"));
        Assert.Equal(["größe"], await FindModelsAsync(registry, "name LIKE 'gr__e'"));
        Assert.Equal(["Rides", "rides_2"], await FindModelsAsync(registry, "tags.team = 'transit'"));
        Assert.Equal(["churn"], await FindModelsAsync(registry, "tags.team != 'transit'"));
        Assert.Equal(["rides_2"], await FindModelsAsync(registry, "tags.team = 'transit' AND tags.`a-b` LIKE 'rides%'"));
        Assert.Empty(await FindModelsAsync(registry, "tags.absent != 'x'"));
        Assert.Empty(await FindModelsAsync(registry, "name LIKE '[gr]%' AND name LIKE '*' AND name = \"'; DROP TABLE registered_models; --\""));
        Assert.Equal(4, (await FindModelsAsync(registry, "")).Count);
    }

    /// <summary>Models that are prompts are found only by a filter that asks for them.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchModelsAsync_Prompts_AreHidden()
    {
        var registry = await WithVersionsAsync(1);
        await registry.CreateModelAsync("p", "", new Dictionary<string, string> { ["mlflow.prompt.is_prompt"] = "true" }, Token);
        Assert.Equal(["m"], await FindModelsAsync(registry, ""));
        Assert.Equal(["p"], await FindModelsAsync(registry, "tags.mlflow.prompt.is_prompt = 'true'"));
        Assert.Empty(await FindModelsAsync(registry, "tags.mlflow.prompt.is_prompt != 'false'"));
    }

    /// <summary>What is found comes with tags, aliases and latest versions.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchModelsAsync_Found_AreComplete()
    {
        var registry = await WithVersionsAsync(2);
        await registry.SetAliasAsync("m", "champion", 1, cancellationToken: Token);
        await registry.UpdateModelAsync("m", new RegisteredModelChanges { Tags = [new("team", "transit")] }, Token);
        Assert.Equivalent(await registry.FindModelAsync("m", Token), Assert.Single((await registry.SearchModelsAsync(new ModelQuery(), Token)).Items), strict: true);
        await registry.UpdateVersionAsync("m", 2, new ModelVersionChanges { Tags = [new("t", "1")], Stage = ModelStage.Staging }, Token);
        var found = (await registry.SearchVersionsAsync(new ModelVersionQuery { Filter = ModelVersionSearch.Version.Is(2) }, Token)).Items;
        Assert.Equivalent(await registry.ResolveAsync(ModelUri.OfVersion("m", 2), Token), Assert.Single(found), strict: true);
    }

    /// <summary>Versions are found by their model, number, source, run and tags.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchVersionsAsync_Filters_FindWhatFulfilsThem()
    {
        var registry = await CreateAsync();
        for (var i = 1; i <= 4; i++)
            await registry.RegisterVersionAsync("m", New(i) with { Lineage = i == 4 ? new Lineage() : new Lineage($"run{i}"), Tags = new Dictionary<string, string> { ["t"] = $"v{i}" } }, Token);
        await registry.RegisterVersionAsync("n", New(5), Token);
        Assert.Equal(["m/4", "m/3", "m/2", "m/1"], await FindVersionsAsync(registry, "name = 'm'"));
        Assert.Equal(["m/4", "m/3"], await FindVersionsAsync(registry, "version_number > 2.5"));
        Assert.Equal(["m/2", "m/1"], await FindVersionsAsync(registry, "version_number <= 2 AND name != 'n'"));
        Assert.Empty(await FindVersionsAsync(registry, "version_number = 1.5"));
        Assert.Equal(5, (await FindVersionsAsync(registry, "version_number != 1.5 AND version_number < 1e300")).Count);
        Assert.Equal(["m/3"], await FindVersionsAsync(registry, "source_path = 'models/3'"));
        Assert.Equal(["m/3", "m/1"], await FindVersionsAsync(registry, "run_id IN ('run1', 'run3')"));
        Assert.Equal(["m/3", "m/2"], await FindVersionsAsync(registry, "run_id != 'run1'"));
        Assert.Equal(["m/2"], await FindVersionsAsync(registry, "tags.t = 'v2'"));
        Assert.Equal(["m/1", "n/1", "m/2", "m/3", "m/4"], await FindVersionsAsync(registry, "", "version_number", "name"));
        await registry.DeleteVersionAsync("m", 3, Token);
        Assert.Equal(["m/4", "m/2", "m/1"], await FindVersionsAsync(registry, "name = 'm'"));
    }

    /// <summary>Pages join to the whole, and a token goes on only with its own query.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchVersionsAsync_PageByPage_FindsEachOnce()
    {
        var registry = await WithVersionsAsync(7);
        var query = new ModelVersionQuery { OrderBy = ModelVersionSearch.Order("name", "version_number DESC"), MaxResults = 3 };
        var found = new List<int>();
        var page = await registry.SearchVersionsAsync(query, Token);
        while (true)
        {
            found.AddRange(page.Items.Select(version => version.Version));
            if (page.NextPageToken is not { } token) break;
            await registry.RegisterVersionAsync("m", New(9), Token);
            await Assert.ThrowsAsync<ArgumentException>(() => registry.SearchVersionsAsync(query with { Filter = ModelVersionSearch.Name.Is("m"), PageToken = token }, Token));
            page = await registry.SearchVersionsAsync(query with { PageToken = token }, Token);
        }

        Assert.Equal([7, 6, 5, 4, 3, 2, 1], found);
        await Assert.ThrowsAsync<ArgumentException>(() => registry.SearchModelsAsync(new ModelQuery { PageToken = "AAAA" }, Token));
        var models = await registry.SearchModelsAsync(new ModelQuery { MaxResults = 1 }, Token);
        Assert.Null(models.NextPageToken);
        await registry.CreateModelAsync("n", cancellationToken: Token);
        models = await registry.SearchModelsAsync(new ModelQuery { MaxResults = 1 }, Token);
        models = await registry.SearchModelsAsync(new ModelQuery { MaxResults = 1, PageToken = models.NextPageToken }, Token);
        Assert.Equal(("n", null), (Assert.Single(models.Items).Name, models.NextPageToken));
    }

    private static async Task<IReadOnlyList<string>> FindModelsAsync(IModelRegistry registry, string filter, params string[] order)
        => [.. (await registry.SearchModelsAsync(new ModelQuery { Filter = ModelSearch.Filter(filter), OrderBy = ModelSearch.Order(order) }, Token)).Items.Select(model => model.Name)];

    private static async Task<IReadOnlyList<string>> FindVersionsAsync(IModelRegistry registry, string filter, params string[] order)
    {
        var query = new ModelVersionQuery { Filter = ModelVersionSearch.Filter(filter), OrderBy = order.Length > 0 ? ModelVersionSearch.Order(order) : ModelVersionSearch.Order("name", "version_number DESC") };
        return [.. (await registry.SearchVersionsAsync(query, Token)).Items.Select(version => $"{version.Name}/{version.Version}")];
    }
}
