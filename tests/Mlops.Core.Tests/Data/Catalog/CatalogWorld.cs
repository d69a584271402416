using Mlops.Artifacts;
using Mlops.Data;
using Mlops.State;
using Mlops.Testing;

namespace Mlops.Core.Tests.Data.Catalog;

/// <summary>Stores with one version that is needed, and the chunks of another one that was deleted, of which some are shared; and actors over these stores.</summary>
internal sealed class CatalogWorld
{
    private readonly InMemoryStateStore _state;

    private CatalogWorld()
    {
        _state = new InMemoryStateStore(Clock);
        Catalog = new DatasetCatalog(Artifacts, _state, Clock);
    }

    public static InMemoryDataset Kept { get; } = CatalogRows.Trips(Enumerable.Range(0, 700));

    public static InMemoryDataset Deleted { get; } = CatalogRows.Trips(Enumerable.Range(0, 300).Concat(Enumerable.Range(2000, 300)));

    public InMemoryArtifactStore Artifacts { get; } = new();

    public ManualTimeProvider Clock { get; } = new();

    public DatasetCatalog Catalog { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<CatalogWorld> CreateAsync()
    {
        var world = new CatalogWorld();
        await world.Catalog.RegisterAsync("kept", Kept, cancellationToken: Token);
        await world.Catalog.RegisterAsync("back", Deleted, cancellationToken: Token);
        await world.Catalog.DeleteVersionAsync("back", 1, Token);
        return world;
    }

    public DatasetCatalog Actor(StepGate gate) => new(new GatedArtifactStore(Artifacts, gate), new GatedStateStore(_state, gate), Clock);

    public static Task<DatasetVersion> RegisterAsync(DatasetCatalog catalog) => catalog.RegisterAsync("back", Deleted, cancellationToken: Token);

    public static Task<GarbageCollectionResult> CollectAsync(DatasetCatalog catalog) => catalog.CollectGarbageAsync(new GarbageCollectionOptions { GracePeriod = TimeSpan.Zero }, Token);

    /// <summary>Every version there is can be read and has its fingerprint.</summary>
    public async Task AssertWholeAsync()
    {
        var versions = 0;
        await foreach (var entry in Catalog.ListAsync(Token))
        {
            await foreach (var version in Catalog.ListVersionsAsync(entry.Name, Token))
            {
                var opened = await Catalog.OpenAsync(version.Address, Token);
                Assert.Equal(version.Fingerprint, (await DatasetFingerprint.ComputeAsync(opened, cancellationToken: Token)).Digest);
                versions++;
            }
        }

        Assert.True(versions >= 1, "The version that nobody touched is not there.");
    }

    /// <summary>When every registration has ended or is given up, a collection leaves exactly what the versions need.</summary>
    public async Task AssertCollectableAsync()
    {
        Clock.Advance(TimeSpan.FromHours(2));
        await CollectAsync(Catalog);
        await AssertWholeAsync();
        var needed = new HashSet<string>();
        await foreach (var entry in Catalog.ListAsync(Token))
        {
            await foreach (var version in Catalog.ListVersionsAsync(entry.Name, Token))
            {
                needed.Add(CatalogFiles.ManifestPath(version.ManifestId));
                needed.UnionWith((await Catalog.OpenAsync(version.Address, Token)).Chunks.Select(chunk => CatalogFiles.ChunkPath(chunk.Id)));
            }
        }

        List<string> there = [.. await Artifacts.ListAsync("datasets/chunks", Token).Select(file => file.Path).ToListAsync(Token), .. await Artifacts.ListAsync("datasets/manifests", Token).Select(file => file.Path).ToListAsync(Token)];
        Assert.Equal(needed.Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
        Assert.Empty(await _state.ListAsync("dataset-registrations/", Token).ToListAsync(Token));
    }
}
