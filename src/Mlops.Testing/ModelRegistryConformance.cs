using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IModelRegistry"/> does. Derive a test class for each implementation.</summary>
public abstract partial class ModelRegistryConformance
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes an empty registry.</summary>
    /// <returns>The registry.</returns>
    protected abstract Task<IModelRegistry> CreateAsync();

    /// <summary>Everything is kept that is as long as it may be, in characters of three bytes.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RegisterVersionAsync_AtTheLimits_IsKept()
    {
        var registry = await CreateAsync();
        // An order that nothing can shorten.
        static string Long(int length, int seed) => string.Concat(Enumerable.Range(0, length).Select(i => (char)(0x4E00 + ((uint)(((i + 1) * 2654435761u) ^ (seed * 40503u)) >> 8) % 20_000)));
        var version = new NewModelVersion(string.Join('/', Long(988, 1).Chunk(76).Select(segment => new string(segment))), Digest(7))
        {
            RequestKey = Long(250, 2),
            Description = Long(5000, 3),
            Lineage = new Lineage(Long(500, 4), Long(500, 5), Long(500, 6)),
            Tags = new Dictionary<string, string> { [Long(250, 7)] = Long(100_000, 8) },
        };
        var name = Long(256, 9);
        var registered = await registry.RegisterVersionAsync(name, version, Token);
        Assert.Equal(1, (await registry.RegisterVersionAsync(name, version, Token)).Version);
        await registry.SetAliasAsync(name, new string('a', 255), 1, cancellationToken: Token);
        var found = await registry.ResolveAsync(ModelUri.OfAlias(name, new string('a', 255)), Token);
        Assert.Equal((registered.Version, version.Source, version.Description, version.Lineage), (found.Version, found.Source, found.Description, found.Lineage));
        Assert.Equal(version.Tags, found.Tags);
        var query = new ModelVersionQuery { Filter = ModelVersionSearch.Filter($"run_id = '{version.Lineage.RunId}'") };
        Assert.Equal(name, Assert.Single((await registry.SearchVersionsAsync(query, Token)).Items).Name);
    }

    /// <summary>A version is found as it was registered, and its model comes with it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RegisterVersionAsync_FirstVersion_CreatesTheModel()
    {
        var registry = await CreateAsync();
        var registered = await registry.RegisterVersionAsync(
            "Fahrgäste 日本",
            new NewModelVersion("models/a", Digest(7))
            {
                Description = "größer",
                Lineage = new Lineage("run", "data", "code"),
                Tags = new Dictionary<string, string> { ["stage"] = "neu" },
            },
            Token);
        Assert.Equal(("Fahrgäste 日本", 1, "models/a", Digest(7)), (registered.Name, registered.Version, registered.Source, registered.Digest));
        Assert.Equivalent(registered, await registry.ResolveAsync(ModelUri.OfVersion("Fahrgäste 日本", 1), Token), strict: true);
        var model = (await registry.FindModelAsync("Fahrgäste 日本", Token))!;
        Assert.Equal(registered.CreatedAt, model.CreatedAt);
        Assert.Empty(model.Aliases);
        Assert.Null(await registry.FindModelAsync("absent", Token));
    }

    /// <summary>Versions that are registered at once get the numbers 1 to n, each once.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RegisterVersionAsync_ManyAtOnce_NumbersWithoutGaps()
    {
        var registry = await CreateAsync();
        var versions = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => registry.RegisterVersionAsync("m", New(i), Token))));
        Assert.Equal(Enumerable.Range(1, 40), versions.Select(version => version.Version).Order());
        var listed = await registry.ListVersionsAsync("m", Token).ToListAsync(Token);
        Assert.Equal(Enumerable.Range(1, 40).Reverse(), listed.Select(version => version.Version));
        Assert.Equivalent(versions.OrderByDescending(version => version.Version), listed);
        Assert.Empty(await registry.ListVersionsAsync("absent", Token).ToListAsync(Token));
    }

    /// <summary>A registration that is repeated with its key, because its answer was lost, registers nothing more; the key of a deleted version is free again.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RegisterVersionAsync_SameRequestKey_RegistersOnce()
    {
        var registry = await CreateAsync();
        var version = New(1) with { RequestKey = "größe 7", Tags = new Dictionary<string, string> { ["k"] = "v" } };
        var first = await registry.RegisterVersionAsync("m", version, Token);
        var changed = await registry.UpdateVersionAsync("m", 1, new ModelVersionChanges { Description = "later" }, Token);
        Assert.Equivalent(changed, await registry.RegisterVersionAsync("m", version, Token), strict: true);
        Assert.Equal(1, first.Version);
        var conflict = await Assert.ThrowsAsync<EntityConflictException>(() => registry.RegisterVersionAsync("m", New(2) with { RequestKey = "größe 7" }, Token));
        Assert.Equal(("model version", "m/1"), (conflict.Kind, conflict.Name));

        // The key counts for its model; without one every call registers another version, and no number is lost.
        Assert.Equal(1, (await registry.RegisterVersionAsync("other", version, Token)).Version);
        Assert.Equal(2, (await registry.RegisterVersionAsync("m", New(1), Token)).Version);
        var versions = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => registry.RegisterVersionAsync("m", New(3) with { RequestKey = "at once" }, Token))));
        Assert.All(versions, registered => Assert.Equal(3, registered.Version));
        versions = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => registry.RegisterVersionAsync("new", New(3) with { RequestKey = "at once" }, Token))));
        Assert.All(versions, registered => Assert.Equal(1, registered.Version));

        await registry.DeleteVersionAsync("m", 3, Token);
        Assert.Equal(4, (await registry.RegisterVersionAsync("m", New(3) with { RequestKey = "at once" }, Token)).Version);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.RegisterVersionAsync("m", New(1) with { RequestKey = "" }, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.RegisterVersionAsync("m", New(1) with { RequestKey = new string('x', 251) }, Token));
    }

    /// <summary>Names, digests and sources that are not allowed are refused.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RegisterVersionAsync_NotAllowed_Throws()
    {
        var registry = await CreateAsync();
        foreach (var name in new[] { "", " ", ".", "..", "a/b", "a:b", "a@b", "a\nb", new string('x', 257) })
            await Assert.ThrowsAsync<FormatException>(() => registry.RegisterVersionAsync(name, New(1), Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.RegisterVersionAsync("m", new NewModelVersion("s", "abc"), Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.RegisterVersionAsync("m", new NewModelVersion("", Digest(1)), Token));
        Assert.Null(await registry.FindModelAsync("m", Token));
    }

    /// <summary>A source that no loader could ever find is refused when it is registered, not when it is loaded.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RegisterVersionAsync_SourceThatCannotBeLoaded_ThrowsWithTheRemedy()
    {
        var registry = await CreateAsync();
        string[] sources =
        [
            "../x", "a/../b", "/etc/passwd", "C:\\x", "C:/x", "\\\\host\\x", "a\\b", "file:///etc/passwd", "file://host/x", "s3://bucket/../x", "s3://bucket/%2e%2e/x", "s3://", "x:y", "nul", "a//b",
            "runs:/0123456789abcdef0123456789abcdef/model", "models:/m/1", " ",
        ];
        foreach (var source in sources) await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.RegisterVersionAsync("m", new NewModelVersion(source, Digest(1)), Token));
        Assert.Null(await registry.FindModelAsync("m", Token));
        var ofRun = await Assert.ThrowsAnyAsync<ArgumentException>(() => registry.RegisterVersionAsync("m", new NewModelVersion("runs:/1/model", Digest(1)), Token));
        Assert.Contains("RunUri.Parse(source).ArtifactPath", ofRun.Message, StringComparison.Ordinal);
        foreach (var source in new[] { RunUri.Parse("runs:/1/model").ArtifactPath, "models/größe 日本", "models/a/", "s3://bucket/a/b" })
            Assert.Equal(source, (await registry.RegisterVersionAsync("m", new NewModelVersion(source, Digest(1)), Token)).Source);
    }

    /// <summary>Tags and aliases come in the order of their names, whatever order they were set in.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task FindModelAsync_TagsAndAliases_AreOrderedByName()
    {
        var registry = await CreateAsync();
        string[] names = ["b", "a", "B", "ä", "a-b", "9x", "10"];
        string[] sorted = [.. names.Order(StringComparer.Ordinal)];
        var tags = names.ToDictionary(name => name, name => name);
        Assert.Equal(sorted, (await registry.CreateModelAsync("m", "", tags, Token)).Tags.Keys);
        Assert.Equal(sorted, (await registry.RegisterVersionAsync("m", New(1) with { Tags = tags }, Token)).Tags.Keys);
        foreach (var name in names) await registry.SetAliasAsync("m", name, 1, cancellationToken: Token);
        await registry.UpdateModelAsync("m", new RegisteredModelChanges { Tags = [new("0", "")] }, Token);
        await registry.UpdateVersionAsync("m", 1, new ModelVersionChanges { Tags = [new("0", "")] }, Token);
        foreach (var model in new[] { (await registry.FindModelAsync("m", Token))!, (await registry.SearchModelsAsync(new ModelQuery(), Token)).Items.Single() })
        {
            Assert.Equal(sorted, model.Aliases.Keys);
            Assert.Equal(sorted.Prepend("0"), model.Tags.Keys);
        }

        foreach (var version in new[] { await registry.ResolveAsync(ModelUri.OfVersion("m", 1), Token), (await registry.SearchVersionsAsync(new ModelVersionQuery(), Token)).Items.Single() })
            Assert.Equal(sorted.Prepend("0"), version.Tags.Keys);
    }

    /// <summary>An alias points to one version, can be moved and removed, and a version may have several.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SetAliasAsync_Moved_ResolvesToItsVersion()
    {
        var registry = await WithVersionsAsync(3);
        await registry.SetAliasAsync("m", "champion", 1, cancellationToken: Token);
        await registry.SetAliasAsync("m", "größter", 1, cancellationToken: Token);
        Assert.Equal(1, await ResolveAsync(registry, "models:/m@champion"));
        await registry.SetAliasAsync("m", "champion", 3, cancellationToken: Token);
        Assert.Equal(3, await ResolveAsync(registry, "models:/m@champion"));
        Assert.Equal(new Dictionary<string, int> { ["champion"] = 3, ["größter"] = 1 }, (await registry.FindModelAsync("m", Token))!.Aliases);
        await registry.SetAliasAsync("m", "champion", null, cancellationToken: Token);
        await registry.SetAliasAsync("m", "champion", null, cancellationToken: Token);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => ResolveAsync(registry, "models:/m@champion"));
    }

    /// <summary>The highest version is latest, and that alias cannot be set.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ResolveAsync_Latest_IsTheHighestVersion()
    {
        var registry = await WithVersionsAsync(2);
        Assert.Equal(2, await ResolveAsync(registry, "models:/m/latest"));
        await registry.RegisterVersionAsync("m", New(3), Token);
        Assert.Equal(3, await ResolveAsync(registry, "models:/m/latest"));
        await Assert.ThrowsAsync<FormatException>(() => registry.SetAliasAsync("m", "latest", 1, cancellationToken: Token));
        await Assert.ThrowsAsync<FormatException>(() => registry.SetAliasAsync("m", "v7", 1, cancellationToken: Token));
    }

    /// <summary>An alias is moved only from where the condition says it is.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SetAliasAsync_ConditionDoesNotHold_ThrowsAndLeavesTheAlias()
    {
        var registry = await WithVersionsAsync(3);
        await registry.SetAliasAsync("m", "champion", 1, AliasCondition.IfPointsTo(null), Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => registry.SetAliasAsync("m", "champion", 2, AliasCondition.IfPointsTo(null), Token));
        await Assert.ThrowsAsync<EntityConflictException>(() => registry.SetAliasAsync("m", "champion", 2, AliasCondition.IfPointsTo(3), Token));
        await Assert.ThrowsAsync<EntityConflictException>(() => registry.SetAliasAsync("m", "champion", null, AliasCondition.IfPointsTo(3), Token));
        Assert.Equal(1, await ResolveAsync(registry, "models:/m@champion"));
        await registry.SetAliasAsync("m", "champion", 2, AliasCondition.IfPointsTo(1), Token);
        Assert.Equal(2, await ResolveAsync(registry, "models:/m@champion"));
    }

    /// <summary>Of many that move an alias from the same version at once, one does.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SetAliasAsync_ManyFromTheSameVersion_OneSucceeds()
    {
        var registry = await WithVersionsAsync(9);
        await registry.SetAliasAsync("m", "champion", 1, cancellationToken: Token);
        var winners = await Task.WhenAll(Enumerable.Range(2, 8).Select(version => Task.Run(async () =>
        {
            try
            {
                await registry.SetAliasAsync("m", "champion", version, AliasCondition.IfPointsTo(1), Token);
                return version;
            }
            catch (EntityConflictException)
            {
                return 0;
            }
        })));
        Assert.Equal(Assert.Single(winners, version => version > 0), await ResolveAsync(registry, "models:/m@champion"));
    }

    /// <summary>What does not exist is said to be missing, by its kind.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ResolveAsync_Missing_ThrowsNotFoundByKind()
    {
        var registry = await WithVersionsAsync(1);
        Assert.Equal("registered model", (await Assert.ThrowsAsync<EntityNotFoundException>(() => ResolveAsync(registry, "models:/absent/1"))).Kind);
        Assert.Equal("model version", (await Assert.ThrowsAsync<EntityNotFoundException>(() => ResolveAsync(registry, "models:/m/2"))).Kind);
        Assert.Equal("alias", (await Assert.ThrowsAsync<EntityNotFoundException>(() => ResolveAsync(registry, "models:/m@champion"))).Kind);
        Assert.Equal("model version", (await Assert.ThrowsAsync<EntityNotFoundException>(() => registry.SetAliasAsync("m", "a", 2, cancellationToken: Token))).Kind);
        Assert.Equal("registered model", (await Assert.ThrowsAsync<EntityNotFoundException>(() => registry.SetAliasAsync("absent", "a", 1, cancellationToken: Token))).Kind);
        Assert.Equal("model version", (await Assert.ThrowsAsync<EntityNotFoundException>(() => registry.SetVersionTagAsync("m", 2, "t", "1", Token))).Kind);
        Assert.Equal("registered model", (await Assert.ThrowsAsync<EntityNotFoundException>(() => registry.SetVersionTagAsync("absent", 1, "t", "1", Token))).Kind);
    }

    /// <summary>Tags of a version are set, replaced and removed; a version read before does not change.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SetVersionTagAsync_Changes_AreSeenBySnapshotsReadLater()
    {
        var registry = await WithVersionsAsync(2);
        await registry.SetVersionTagAsync("m", 1, "stage", "a", Token);
        var before = await registry.ResolveAsync(ModelUri.OfVersion("m", 1), Token);
        await registry.SetVersionTagAsync("m", 1, "stage", "b", Token);
        await registry.SetVersionTagAsync("m", 1, "note", "ü", Token);
        await registry.SetVersionTagAsync("m", 1, "gone", "x", Token);
        await registry.SetVersionTagAsync("m", 1, "gone", null, Token);
        Assert.Equal(new Dictionary<string, string> { ["stage"] = "b", ["note"] = "ü" }, (await registry.ResolveAsync(ModelUri.OfVersion("m", 1), Token)).Tags);
        Assert.Equal(new Dictionary<string, string> { ["stage"] = "a" }, before.Tags);
        Assert.Empty((await registry.ResolveAsync(ModelUri.OfVersion("m", 2), Token)).Tags);
    }

    /// <summary>A watcher is given the version that an address points to, once it does, and then every other one.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WatchAsync_AliasMoves_DeliversEachVersion()
    {
        var registry = await CreateAsync();
        await using var versions = registry.WatchAsync(ModelUri.Parse("models:/m@champion"), Token).GetAsyncEnumerator(Token);
        var first = versions.MoveNextAsync().AsTask();
        await registry.RegisterVersionAsync("m", New(1), Token);
        await registry.RegisterVersionAsync("m", New(2), Token);
        await registry.SetAliasAsync("m", "champion", 1, cancellationToken: Token);
        Assert.True(await first);
        Assert.Equal(1, versions.Current.Version);
        var second = versions.MoveNextAsync().AsTask();
        await registry.SetAliasAsync("m", "other", 2, cancellationToken: Token);
        await registry.SetVersionTagAsync("m", 1, "t", "1", Token);
        Assert.False(second.IsCompleted);
        await registry.SetAliasAsync("m", "champion", 2, cancellationToken: Token);
        Assert.True(await second);
        Assert.Equal(2, versions.Current.Version);
    }

    /// <summary>Watching ends when it is cancelled.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WatchAsync_Cancelled_Ends()
    {
        var registry = await WithVersionsAsync(1);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var versions = registry.WatchAsync(ModelUri.OfVersion("m", 1), ending.Token).GetAsyncEnumerator(ending.Token);
        Assert.True(await versions.MoveNextAsync());
        var next = versions.MoveNextAsync().AsTask();
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    private static string Digest(int i) => i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);

    private static NewModelVersion New(int i) => new($"models/{i}", Digest(i));

    private static async Task<int> ResolveAsync(IModelRegistry registry, string uri) => (await registry.ResolveAsync(ModelUri.Parse(uri), Token)).Version;

    private async Task<IModelRegistry> WithVersionsAsync(int count)
    {
        var registry = await CreateAsync();
        for (var i = 1; i <= count; i++) await registry.RegisterVersionAsync("m", New(i), Token);
        return registry;
    }
}
