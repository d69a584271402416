using System.Security.Cryptography;
using Azure.Storage.Blobs.Models;
using Mlops.Testing;

namespace Mlops.Artifacts.AzureBlobs.Tests;

public sealed class AzureBlobArtifactStoreTests(AzuriteServer azurite) : ArtifactStoreConformance
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindAsync_NoContainerYet_FindsNothingAndTheFirstWriteCreatesIt()
    {
        var container = azurite.NewContainer();
        var store = new AzureBlobArtifactStore(container);
        Assert.Null(await store.FindAsync("a", Token));
        Assert.Empty(await store.ListAsync("", Token).ToListAsync(Token));
        Assert.False(await store.DeleteAsync("a", default, Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => store.OpenReadAsync("a", 0, null, Token));
        Assert.False((await container.ExistsAsync(Token)).Value);
        await store.WriteAsync("a", new MemoryStream([1]), WriteCondition.IfAbsent, Token);
        Assert.Equal(1, (await store.FindAsync("a", Token))?.Length);
        Assert.Equal(container.Uri, store.Container);
    }

    [Fact]
    public async Task WriteAsync_ManyBlocksIntoANewContainer_IsReadBack()
    {
        var store = new AzureBlobArtifactStore(azurite.NewContainer(), new AzureBlobArtifactStoreOptions { BlockBytes = 64 << 10, Parallelism = 3 });
        foreach (var length in new[] { 0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 640 << 10, 1_000_003 })
        {
            var bytes = NumberStream.Bytes(length);
            foreach (var content in new Stream[] { new MemoryStream(bytes), new NumberStream(length) })
            {
                var artifact = await store.WriteAsync("a", content, default, Token);
                Assert.Equal(new Artifact("a", Convert.ToHexStringLower(SHA256.HashData(bytes)), length), artifact);
                Assert.Equal(artifact, await store.FindAsync("a", Token));
                Assert.Equal(bytes, await ReadAsync(store, "a"));
            }
        }
    }

    [Fact]
    public async Task WriteAsync_Prefix_KeepsStoresInOneContainerApart()
    {
        var container = azurite.NewContainer();
        var (one, other) = (new AzureBlobArtifactStore(container, new() { Prefix = "team/one" }), new AzureBlobArtifactStore(container, new() { Prefix = "team/one-b/" }));
        await one.WriteAsync("m/a", new MemoryStream([1]), default, Token);
        await other.WriteAsync("m/b", new MemoryStream([2]), default, Token);
        Assert.Equal(["m/a"], await one.ListAsync("", Token).Select(artifact => artifact.Path).ToListAsync(Token));
        Assert.Equal(["m/b"], await other.ListAsync("m", Token).Select(artifact => artifact.Path).ToListAsync(Token));
        Assert.Null(await one.FindAsync("m/b", Token));
        Assert.True((await container.GetBlobClient("team/one/m/a").ExistsAsync(Token)).Value);
    }

    /// <summary>Blobs of other programs are artifacts; their digest is computed once and kept, where the credentials allow it.</summary>
    [Fact]
    public async Task FindAsync_BlobOfAnotherProgram_ComputesAndKeepsItsDigest()
    {
        var container = azurite.NewContainer();
        await container.CreateAsync(cancellationToken: Token);
        var blob = container.GetBlobClient("m/foreign.txt");
        await blob.UploadAsync(BinaryData.FromString("foreign"), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["owner"] = "them" } }, Token);
        await container.GetBlobClient("m//odd").UploadAsync(BinaryData.FromString("not a path of ours"), Token);
        var expected = new Artifact("m/foreign.txt", Convert.ToHexStringLower(SHA256.HashData("foreign"u8)), 7);

        var reader = new AzureBlobArtifactStore(azurite.Sign(container.Name, Azure.Storage.Sas.BlobContainerSasPermissions.Read | Azure.Storage.Sas.BlobContainerSasPermissions.List));
        Assert.Equal(expected, await reader.FindAsync("m/foreign.txt", Token));
        Assert.Single((await blob.GetPropertiesAsync(cancellationToken: Token)).Value.Metadata);

        var store = new AzureBlobArtifactStore(container);
        Assert.Equal([expected], await store.ListAsync("", Token).ToListAsync(Token));
        var metadata = (await blob.GetPropertiesAsync(cancellationToken: Token)).Value.Metadata;
        Assert.Equal(("them", 2), (metadata["owner"], metadata.Count));
        Assert.Equal("foreign"u8.ToArray(), await ReadAsync(store, "m/foreign.txt"));
        await store.WriteAsync("m/foreign.txt", new MemoryStream([1]), WriteCondition.IfMatches(expected.Digest), Token);
        Assert.True(await store.DeleteAsync("m/foreign.txt", default, Token));
    }

    /// <summary>Where accounts have folders, a blob stands for each; it is no artifact.</summary>
    [Fact]
    public async Task ListAsync_BlobThatStandsForAFolder_IsLeftOut()
    {
        var container = azurite.NewContainer();
        var store = new AzureBlobArtifactStore(container);
        await store.WriteAsync("m/a", new MemoryStream([1]), default, Token);
        await container.GetBlobClient("m").UploadAsync(BinaryData.FromString(""), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["hdi_isfolder"] = "true" } }, Token);
        Assert.Equal(["m/a"], await store.ListAsync("", Token).Select(artifact => artifact.Path).ToListAsync(Token));
        Assert.Null(await store.FindAsync("m", Token));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => store.OpenReadAsync("m", 0, null, Token));
    }

    [Fact]
    public async Task ListAsync_MoreThanOnePage_IsOrderedByPath()
    {
        var container = azurite.NewContainer();
        await container.CreateAsync(cancellationToken: Token);
        var store = new AzureBlobArtifactStore(container);
        var paths = Enumerable.Range(0, 300).Select(i => $"p/{i * 7919 % 300:D3}{(i % 3 == 0 ? "\ue000" : i % 3 == 1 ? "\U0001F600" : "/x")}").ToArray();
        foreach (var path in paths) await store.WriteAsync(path, new MemoryStream([1]), default, Token);
        Assert.Equal(paths.Order(StringComparer.Ordinal), await store.ListAsync("p", Token).Select(artifact => artifact.Path).ToListAsync(Token));
    }

    [Theory]
    [InlineData(0, 8 << 20)]
    [InlineData(4, 1000)]
    [InlineData(4, int.MaxValue)]
    public void Constructor_OptionsOutOfRange_Throw(int parallelism, int blockBytes)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new AzureBlobArtifactStore(new Uri("https://a.blob.core.windows.net/models"), new AzureBlobArtifactStoreOptions { Parallelism = parallelism, BlockBytes = blockBytes }));

    internal static async Task<byte[]> ReadAsync(IArtifactStore store, string path, long offset = 0, long? length = null)
    {
        await using var stream = await store.OpenReadAsync(path, offset, length, Token);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Token);
        return bytes.ToArray();
    }

    // Azurite, like most accounts, has blobs only.
    protected override bool HasFolders => false;

    protected override Task<IArtifactStore> CreateAsync() => Task.FromResult<IArtifactStore>(new AzureBlobArtifactStore(azurite.NewContainer()));
}
