using Azure.Storage.Blobs.Models;

namespace Mlops.Artifacts.AzureBlobs.Tests;

/// <summary>Reads: verified whole, resumed when the connection breaks, and never a mixture of two contents.</summary>
public sealed class AzureBlobReadTests(AzuriteServer azurite)
{
    private const int Length = 700_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenReadAsync_ContentChangedAtTheService_ThrowsStorageExceptionNamingPath()
    {
        var container = azurite.NewContainer();
        var store = new AzureBlobArtifactStore(container);
        await store.WriteAsync("m/model.bin", new MemoryStream("0123456789"u8.ToArray()), default, Token);
        var blob = container.GetBlobClient("m/model.bin");
        var metadata = (await blob.GetPropertiesAsync(cancellationToken: Token)).Value.Metadata;
        foreach (var content in new[] { "0123456780", "01234567890", "012345678", "" })
        {
            await blob.UploadAsync(BinaryData.FromString(content), new BlobUploadOptions { Metadata = metadata }, Token);
            var error = await Assert.ThrowsAsync<StorageException>(() => AzureBlobArtifactStoreTests.ReadAsync(store, "m/model.bin"));
            Assert.Contains("m/model.bin", error.Message, StringComparison.Ordinal);
            Assert.Contains("not what was written", error.Message, StringComparison.Ordinal);
            Assert.False(error.IsTransient);
        }
    }

    [Theory]
    [InlineData(0, Length)]
    [InlineData(123_457, 400_001)]
    [InlineData(650_000, 50_000)]
    public async Task OpenReadAsync_ConnectionBreaksAgainAndAgain_GoesOnWhereItWas(int offset, int length)
    {
        using var breaking = new Meddler();
        var breaks = 0;
        breaking.After = (request, response) =>
        {
            if (request.Method != HttpMethod.Get) return Task.CompletedTask;
            breaks++;
            return Meddler.BreakAsync(response, 40_000);
        };
        var store = await PrepareAsync(breaking);
        Assert.Equal(NumberStream.Bytes(Length)[offset..(offset + length)], await AzureBlobArtifactStoreTests.ReadAsync(store, "a", offset, length));
        Assert.True(breaks > length / 40_000, $"{breaks}");

        await using var stream = await store.OpenReadAsync("a", offset, length, Token);
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        Assert.Equal(NumberStream.Bytes(Length)[offset..(offset + length)], bytes);
        Assert.Equal(0, stream.Read(new byte[1]));
    }

    [Fact]
    public async Task OpenReadAsync_ConnectionStaysBroken_ThrowsTransientStorageException()
    {
        using var breaking = new Meddler();
        var store = await PrepareAsync(breaking);
        breaking.After = (request, response) => request.Method == HttpMethod.Get ? Meddler.BreakAsync(response, 0) : Task.CompletedTask;
        var error = await Assert.ThrowsAsync<StorageException>(() => AzureBlobArtifactStoreTests.ReadAsync(store, "a"));
        Assert.True(error.IsTransient);
        Assert.Equal("read artifact", error.Operation);
    }

    [Fact]
    public async Task OpenReadAsync_ReplacedWhileTheConnectionIsBroken_ThrowsInsteadOfMixing()
    {
        using var breaking = new Meddler();
        var store = await PrepareAsync(breaking);
        breaking.After = (request, response) => request.Method == HttpMethod.Get ? Meddler.BreakAsync(response, 40_000) : Task.CompletedTask;
        await using var stream = await store.OpenReadAsync("a", 0, Length - 1, Token);
        await stream.ReadExactlyAsync(new byte[1000], Token);
        await store.WriteAsync("a", new NumberStream(Length, seed: 2), default, Token);
        var error = await Assert.ThrowsAsync<StorageException>(() => stream.CopyToAsync(Stream.Null, Token));
        Assert.True(error.IsTransient);
        Assert.Contains("written again or deleted while it was read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenReadAsync_Cancelled_ThrowsOperationCanceled()
    {
        using var breaking = new Meddler();
        var store = await PrepareAsync(breaking);
        using var cancelled = new CancellationTokenSource();
        await using var stream = await store.OpenReadAsync("a", 0, null, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.ReadAsync(new byte[10], cancelled.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.FindAsync("a", cancelled.Token));
    }

    private async Task<AzureBlobArtifactStore> PrepareAsync(Meddler meddler)
    {
        var store = new AzureBlobArtifactStore(azurite.ConnectionString, AzuriteServer.NewContainerName(), meddler.Options());
        await store.WriteAsync("a", new NumberStream(Length), default, Token);
        return store;
    }
}
