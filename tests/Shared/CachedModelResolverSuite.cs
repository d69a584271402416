using Mlops.Tracking;

namespace Mlops.Tests;

/// <summary>What <see cref="CachedModelResolver"/> does over every registry that tells of its changes. Derive a test class for each.</summary>
public abstract class CachedModelResolverSuite
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes two empty registries over the same content, as two processes have them; one twice where there can be only one.</summary>
    protected abstract Task<(IModelRegistry First, IModelRegistry Second)> CreateAsync();

    /// <summary>Waits until a change of another registry has been told, where that takes time.</summary>
    protected virtual Task SettleAsync(IModelRegistry registry, long? version) => Task.CompletedTask;

    [Fact]
    public async Task ResolveAsync_ChangedHere_IsSeenAtOnce()
    {
        var (registry, _) = await CreateAsync();
        var resolver = new CachedModelResolver(registry);
        var champion = ModelUri.Parse("models:/m@champion");
        await Assert.ThrowsAsync<EntityNotFoundException>(() => resolver.ResolveAsync(champion, Token));
        for (var i = 1; i <= 2; i++) await registry.RegisterVersionAsync("m", new NewModelVersion("models/m", new string('a', 64)), Token);
        for (var i = 0; i < 20; i++)
        {
            await registry.SetAliasAsync("m", "champion", 1 + (i % 2), cancellationToken: Token);
            Assert.Equal(1 + (i % 2), (await resolver.ResolveAsync(champion, Token)).Version);
            Assert.Equal(1 + (i % 2), (await resolver.ResolveAsync(champion, Token)).Version);
        }

        await registry.SetVersionTagAsync("m", 2, "t", "1", Token);
        Assert.Equal("1", (await resolver.ResolveAsync(champion, Token)).Tags["t"]);
        await registry.DeleteModelAsync("m", Token);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => resolver.ResolveAsync(champion, Token));
    }

    [Fact]
    public async Task ResolveAsync_ChangedElsewhere_IsSeenWhenItIsTold()
    {
        var (here, elsewhere) = await CreateAsync();
        var resolver = new CachedModelResolver(here);
        var champion = ModelUri.Parse("models:/m@champion");
        for (var i = 1; i <= 2; i++) await elsewhere.RegisterVersionAsync("m", new NewModelVersion("models/m", new string('a', 64)), Token);
        for (var i = 0; i < 10; i++)
        {
            var before = await ((IRegistryVersion)here).ReadVersionAsync(Token);
            await elsewhere.SetAliasAsync("m", "champion", 1 + (i % 2), cancellationToken: Token);
            await SettleAsync(here, before);
            Assert.Equal(1 + (i % 2), (await resolver.ResolveAsync(champion, Token)).Version);
        }
    }

    [Fact]
    public async Task ResolveAsync_NothingChanged_AnswersFromMemory()
    {
        var (registry, _) = await CreateAsync();
        await registry.RegisterVersionAsync("m", new NewModelVersion("models/m", new string('a', 64)), Token);
        await SettleAsync(registry, null);
        Assert.NotNull(await ((IRegistryVersion)registry).ReadVersionAsync(Token));
        var resolver = new CachedModelResolver(registry);
        var first = await resolver.ResolveAsync(ModelUri.OfVersion("m", 1), Token);
        Assert.Same(first, await resolver.ResolveAsync(ModelUri.OfVersion("m", 1), Token));
    }

    [Fact]
    public async Task WatchAsync_ChangedElsewhere_Delivers()
    {
        var (here, elsewhere) = await CreateAsync();
        await using var versions = here.WatchAsync(ModelUri.Parse("models:/m@champion"), Token).GetAsyncEnumerator(Token);
        var first = versions.MoveNextAsync().AsTask();
        for (var i = 1; i <= 2; i++) await elsewhere.RegisterVersionAsync("m", new NewModelVersion("models/m", new string('a', 64)), Token);
        await elsewhere.SetAliasAsync("m", "champion", 1, cancellationToken: Token);
        Assert.True(await first);
        Assert.Equal(1, versions.Current.Version);
        var second = versions.MoveNextAsync().AsTask();
        await elsewhere.SetAliasAsync("m", "champion", 2, cancellationToken: Token);
        Assert.True(await second);
        Assert.Equal(2, versions.Current.Version);
    }
}
