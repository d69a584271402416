using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <content>Changes, stages, deleting and searching.</content>
public abstract partial class ModelRegistryConformance
{
    /// <summary>A model is created without versions, once.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CreateModelAsync_Twice_ThrowsConflict()
    {
        var registry = await CreateAsync();
        var created = await registry.CreateModelAsync("m", "predicts", new Dictionary<string, string> { ["team"] = "transit" }, Token);
        Assert.Equal(("m", "predicts", "transit"), (created.Name, created.Description, created.Tags["team"]));
        Assert.Equivalent(created, await registry.FindModelAsync("m", Token), strict: true);
        Assert.Equal("registered model", (await Assert.ThrowsAsync<EntityConflictException>(() => registry.CreateModelAsync("m", cancellationToken: Token))).Kind);
        Assert.Equal("model version", (await Assert.ThrowsAsync<EntityNotFoundException>(() => ResolveAsync(registry, "models:/m/latest"))).Kind);
        Assert.Equal(1, (await registry.RegisterVersionAsync("m", New(1), Token)).Version);
        Assert.Equal("predicts", (await registry.FindModelAsync("m", Token))!.Description);
    }

    /// <summary>Names, descriptions and tags that are not allowed are refused, and nothing is left of the attempt.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CreateModelAsync_NotAllowed_Throws()
    {
        var registry = await CreateAsync();
        await Assert.ThrowsAsync<FormatException>(() => registry.CreateModelAsync("a/b", cancellationToken: Token));
        await Assert.ThrowsAsync<FormatException>(() => registry.CreateModelAsync("a\ud800", cancellationToken: Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.CreateModelAsync("m", new string('x', 5001), cancellationToken: Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.CreateModelAsync("m", "a\0", cancellationToken: Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.CreateModelAsync("m", "", new Dictionary<string, string> { [""] = "x" }, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.RegisterVersionAsync("m", New(1) with { Source = "a\udc00" }, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.RegisterVersionAsync("m", New(1) with { Tags = new Dictionary<string, string> { ["t"] = new('x', 100_001) } }, Token));
        Assert.Null(await registry.FindModelAsync("m", Token));
    }

    /// <summary>Description and tags of a model change in one step, and snapshots read before do not.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateModelAsync_Changes_AreSeenTogether()
    {
        var registry = await CreateAsync();
        var before = await registry.CreateModelAsync("m", "old", new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }, Token);
        var after = await registry.UpdateModelAsync("m", new RegisteredModelChanges { Description = "new", RemovedTags = ["a", "absent"], Tags = [new("b", "3"), new("c", "4")] }, Token);
        Assert.Equal("new", after.Description);
        Assert.Equal(new Dictionary<string, string> { ["b"] = "3", ["c"] = "4" }, after.Tags);
        Assert.Equal(("old", "1"), (before.Description, before.Tags["a"]));
        Assert.Equivalent(after, await registry.FindModelAsync("m", Token), strict: true);
        Assert.True(after.LastUpdatedAt >= before.LastUpdatedAt);
        Assert.Equal("registered model", (await Assert.ThrowsAsync<EntityNotFoundException>(() => registry.UpdateModelAsync("absent", new RegisteredModelChanges { Description = "x" }, Token))).Kind);
    }

    /// <summary>Versions, tags and aliases move to the new name, and the old one is free.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateModelAsync_Renamed_MovesEverything()
    {
        var registry = await WithVersionsAsync(2);
        await registry.SetAliasAsync("m", "champion", 2, cancellationToken: Token);
        await registry.SetVersionTagAsync("m", 2, "t", "1", Token);
        await registry.CreateModelAsync("taken", cancellationToken: Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => registry.UpdateModelAsync("m", new RegisteredModelChanges { Name = "taken", Description = "lost" }, Token));
        await Assert.ThrowsAsync<FormatException>(() => registry.UpdateModelAsync("m", new RegisteredModelChanges { Name = "a/b" }, Token));
        Assert.Equal("", (await registry.FindModelAsync("m", Token))!.Description);
        Assert.Equal("n", (await registry.UpdateModelAsync("m", new RegisteredModelChanges { Name = "n" }, Token)).Name);
        Assert.Null(await registry.FindModelAsync("m", Token));
        var moved = await registry.ResolveAsync(ModelUri.Parse("models:/n@champion"), Token);
        Assert.Equal(("n", 2, "1"), (moved.Name, moved.Version, moved.Tags["t"]));
        Assert.Equal(3, (await registry.RegisterVersionAsync("n", New(3), Token)).Version);
        Assert.Equal(1, (await registry.RegisterVersionAsync("m", New(4), Token)).Version);
    }

    /// <summary>A deleted model is gone with all it had, and one of its name begins anew.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task DeleteModelAsync_Deleted_IsGoneWithEverything()
    {
        var registry = await WithVersionsAsync(3);
        await registry.SetAliasAsync("m", "champion", 2, cancellationToken: Token);
        await registry.SetVersionTagAsync("m", 2, "t", "1", Token);
        await registry.UpdateModelAsync("m", new RegisteredModelChanges { Tags = [new("team", "transit")] }, Token);
        await registry.DeleteModelAsync("m", Token);
        Assert.Null(await registry.FindModelAsync("m", Token));
        Assert.Empty((await registry.SearchVersionsAsync(new ModelVersionQuery(), Token)).Items);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => registry.DeleteModelAsync("m", Token));
        Assert.Equal(1, (await registry.RegisterVersionAsync("m", New(1), Token)).Version);
        var anew = (await registry.FindModelAsync("m", Token))!;
        Assert.Empty(anew.Aliases);
        Assert.Empty(anew.Tags);
    }

    /// <summary>A deleted version is found by nothing, its aliases go with it, and its number is not used again.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task DeleteVersionAsync_Deleted_LeavesAGapForEver()
    {
        var registry = await WithVersionsAsync(3);
        await registry.SetAliasAsync("m", "champion", 3, cancellationToken: Token);
        await registry.SetAliasAsync("m", "other", 1, cancellationToken: Token);
        await registry.SetVersionStageAsync("m", 3, ModelStage.Production, cancellationToken: Token);
        await registry.DeleteVersionAsync("m", 3, Token);
        foreach (var uri in new[] { "models:/m/3", "models:/m@champion", "models:/m/Production" }) await Assert.ThrowsAsync<EntityNotFoundException>(() => ResolveAsync(registry, uri));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => registry.DeleteVersionAsync("m", 3, Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => registry.SetAliasAsync("m", "champion", 3, cancellationToken: Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => registry.UpdateVersionAsync("m", 3, new ModelVersionChanges { Description = "x" }, Token));
        Assert.Equal(2, await ResolveAsync(registry, "models:/m/latest"));
        Assert.Equal([2, 1], await registry.ListVersionsAsync("m", Token).Select(version => version.Version).ToListAsync(Token));
        Assert.Equal(new Dictionary<string, int> { ["other"] = 1 }, (await registry.FindModelAsync("m", Token))!.Aliases);
        Assert.Equal(4, (await registry.RegisterVersionAsync("m", New(4), Token)).Version);
        foreach (var version in new[] { 4, 2, 1 }) await registry.DeleteVersionAsync("m", version, Token);
        Assert.Equal("model version", (await Assert.ThrowsAsync<EntityNotFoundException>(() => ResolveAsync(registry, "models:/m/latest"))).Kind);
        Assert.Equal(5, (await registry.RegisterVersionAsync("m", New(5), Token)).Version);
    }

    /// <summary>Stages are set, archived together where asked for, and the highest version of each is known.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateVersionAsync_Stage_ArchivesOthersWhereAskedFor()
    {
        var registry = await WithVersionsAsync(4);
        await registry.SetVersionStageAsync("m", 1, ModelStage.Production, cancellationToken: Token);
        await registry.SetVersionStageAsync("m", 2, ModelStage.Production, cancellationToken: Token);
        Assert.Equal(2, await ResolveAsync(registry, "models:/m/production"));
        Assert.Equal(new Dictionary<ModelStage, int> { [ModelStage.None] = 4, [ModelStage.Production] = 2 }, (await registry.FindModelAsync("m", Token))!.LatestVersions);
        var promoted = await registry.SetVersionStageAsync("m", 3, ModelStage.Production, archiveExisting: true, Token);
        Assert.Equal(ModelStage.Production, promoted.Stage);
        Assert.Equal(
            new Dictionary<ModelStage, int> { [ModelStage.None] = 4, [ModelStage.Archived] = 2, [ModelStage.Production] = 3 }, (await registry.FindModelAsync("m", Token))!.LatestVersions);
        Assert.Equal(ModelStage.Archived, (await registry.ResolveAsync(ModelUri.OfVersion("m", 1), Token)).Stage);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => ResolveAsync(registry, "models:/m/staging"));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.SetVersionStageAsync("m", 1, ModelStage.Archived, archiveExisting: true, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.UpdateVersionAsync("m", 1, new ModelVersionChanges { Stage = (ModelStage)9 }, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.UpdateVersionAsync("m", 1, new ModelVersionChanges { ArchiveExisting = true }, Token));
    }

    /// <summary>Description, stage and tags of a version change in one step, or none of them.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateVersionAsync_Changes_AreSeenTogether()
    {
        var registry = await WithVersionsAsync(1);
        var changed = await registry.UpdateVersionAsync(
            "m", 1, new ModelVersionChanges { Description = "größer", Stage = ModelStage.Staging, Tags = [new("a", "1"), new("b", "2"), new("a", "3")] }, Token);
        Assert.Equal(("größer", ModelStage.Staging, "3"), (changed.Description, changed.Stage, changed.Tags["a"]));
        Assert.Equivalent(changed, await registry.ResolveAsync(ModelUri.OfVersion("m", 1), Token), strict: true);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.UpdateVersionAsync("m", 1, new ModelVersionChanges { Description = "lost", Tags = [new("", "x")] }, Token));
        var after = await registry.UpdateVersionAsync("m", 1, new ModelVersionChanges { RemovedTags = ["a", "absent"] }, Token);
        Assert.Equal(("größer", ModelStage.Staging), (after.Description, after.Stage));
        Assert.Equal(new Dictionary<string, string> { ["b"] = "2" }, after.Tags);
    }
}
