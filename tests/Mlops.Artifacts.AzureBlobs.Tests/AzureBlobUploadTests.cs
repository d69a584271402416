using System.Net;
using Azure.Storage.Blobs;

namespace Mlops.Artifacts.AzureBlobs.Tests;

/// <summary>Uploads in blocks: what breaks off is resumed, what is spoiled on the way is refused, and of writes at once one wins whole.</summary>
public sealed class AzureBlobUploadTests(AzuriteServer azurite)
{
    private const int Blocks = 20;
    private const int Length = (Blocks * AzureBlobArtifactStoreOptions.MinBlockBytes) - 17;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_RepeatedAfterTheNetworkFailed_SendsOnlyTheMissingBlocks(bool canSeek)
    {
        var container = azurite.NewContainer();
        using var failing = new Meddler();
        failing.Before = request => Meddler.IsBlock(request) && failing.Blocks > 12 ? throw new HttpRequestException("The network is down.") : null;
        var error = await Assert.ThrowsAsync<StorageException>(() => Store(container, failing).WriteAsync("m/a", Content(canSeek), default, Token));
        Assert.True(error.IsTransient);
        Assert.Equal(("azure blobs", "write artifact"), (error.Backend, error.Operation));
        Assert.Null(await Store(container, new Meddler()).FindAsync("m/a", Token));

        using var counting = new Meddler();
        var store = Store(container, counting);
        var written = await store.WriteAsync("m/a", Content(canSeek), WriteCondition.IfAbsent, Token);
        Assert.Equal(Blocks - 12, counting.Blocks);
        Assert.Equal(NumberStream.Bytes(Length), await AzureBlobArtifactStoreTests.ReadAsync(store, "m/a"));

        // What the present blob is made of is not sent again either.
        Assert.Equal(written, await store.WriteAsync("m/a", Content(canSeek), WriteCondition.IfMatches(written.Digest), Token));
        Assert.Equal(Blocks - 12, counting.Blocks);
    }

    [Fact]
    public async Task WriteAsync_RepeatedAfterCancellation_SendsOnlyTheMissingBlocks()
    {
        var container = azurite.NewContainer();
        var before = Store(container, new Meddler());
        await before.WriteAsync("a", new MemoryStream([1]), default, Token);
        using var cancelled = new CancellationTokenSource();
        var content = new NumberStream(Length, onRead: position => position >= Length / 2 ? cancelled.CancelAsync() : Task.CompletedTask);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => before.WriteAsync("a", content, default, cancelled.Token));
        Assert.Equal(1, (await before.FindAsync("a", Token))?.Length);

        using var counting = new Meddler();
        await Store(container, counting).WriteAsync("a", Content(), default, Token);
        Assert.InRange(counting.Blocks, 1, Blocks - 5);
        Assert.Equal(Length, (await before.FindAsync("a", Token))?.Length);
    }

    /// <summary>A block that changes on its way does not fit the MD5 sent with it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_BytesSpoiledOnTheWay_AreRefusedByTheService(bool hasBlocks)
    {
        using var spoiling = new Meddler();
        spoiling.Before = request =>
        {
            if (request.Method != HttpMethod.Put || request.Content is not { Headers: { ContentLength: > 0 } headers } || Meddler.IsCommit(request)) return null;
            var bytes = request.Content.ReadAsByteArrayAsync(Token).GetAwaiter().GetResult();
            bytes[^1] ^= 1;
            var content = new ByteArrayContent(bytes);
            foreach (var header in headers) content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            request.Content = content;
            return null;
        };
        var container = azurite.NewContainer();
        await container.CreateAsync(cancellationToken: Token);
        var error = await Assert.ThrowsAsync<StorageException>(() => Store(container, spoiling).WriteAsync("a", new NumberStream(hasBlocks ? Length : 100), default, Token));
        // Azure answers 400 Md5Mismatch, the emulator 400 InvalidOperation.
        Assert.Contains("the service answered 400 ", error.Message, StringComparison.Ordinal);
        Assert.Null(await new AzureBlobArtifactStore(container).FindAsync("a", Token));
    }

    [Fact]
    public async Task WriteAsync_ManyBlocksFromManyWritersAtOnce_OneContentIsThereWhole()
    {
        var store = new AzureBlobArtifactStore(azurite.NewContainer(), new() { BlockBytes = AzureBlobArtifactStoreOptions.MinBlockBytes });
        var written = await Task.WhenAll(Enumerable.Range(1, 5).Select(seed => Task.Run(() => store.WriteAsync("a", new MemoryStream(NumberStream.Bytes(400_000 + seed, (ulong)seed)), default, Token))));
        var bytes = await AzureBlobArtifactStoreTests.ReadAsync(store, "a");
        Assert.Equal(NumberStream.Bytes(bytes.Length, (ulong)(bytes.Length - 400_000)), bytes);
        Assert.Contains(await store.FindAsync("a", Token), written);
    }

    [Fact]
    public async Task WriteAsync_ManyBlocksIfAbsentFromManyWriters_OneSucceeds()
    {
        var store = new AzureBlobArtifactStore(azurite.NewContainer(), new() { BlockBytes = AzureBlobArtifactStoreOptions.MinBlockBytes });
        var results = await Task.WhenAll(Enumerable.Range(1, 6).Select(seed => Task.Run(async () =>
        {
            try
            {
                return await store.WriteAsync("a", new MemoryStream(NumberStream.Bytes(300_000, (ulong)seed)), WriteCondition.IfAbsent, Token);
            }
            catch (EntityConflictException)
            {
                return null;
            }
        })));
        Assert.Equal(Assert.Single(results, artifact => artifact is not null), await store.FindAsync("a", Token));
    }

    /// <summary>The service discards the blocks of one write when another is completed; content that can be read once only cannot be sent again.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_AnotherWriteDiscardsItsBlocks_StartsOverOrSaysSo(bool canSeek)
    {
        var container = azurite.NewContainer();
        var other = new AzureBlobArtifactStore(container, new() { BlockBytes = AzureBlobArtifactStoreOptions.MinBlockBytes });
        using var meddler = new Meddler();
        var store = Store(container, meddler);
        var interfered = false;
        meddler.Before = request =>
        {
            if (interfered || !Meddler.IsCommit(request)) return null;
            interfered = true;
            other.WriteAsync("a", new NumberStream(200_000, seed: 2), default, Token).GetAwaiter().GetResult();
            return null;
        };
        if (canSeek)
        {
            await store.WriteAsync("a", Content(canSeek: true), default, Token);
            Assert.Equal(2 * Blocks, meddler.Blocks);
            Assert.Equal(NumberStream.Bytes(Length), await AzureBlobArtifactStoreTests.ReadAsync(store, "a"));
            return;
        }

        var error = await Assert.ThrowsAsync<StorageException>(() => store.WriteAsync("a", Content(), default, Token));
        Assert.True(error.IsTransient);
        Assert.Contains("Another write", error.Message, StringComparison.Ordinal);
        Assert.Equal(200_000, (await store.FindAsync("a", Token))?.Length);
    }

    /// <summary>The client repeats a request whose answer was lost; what it did the first time is not taken for somebody else's.</summary>
    [Theory]
    [InlineData(Length)]
    [InlineData(100)]
    public async Task WriteAsync_AnswerLost_IsNoConflict(int length)
    {
        var container = azurite.NewContainer();
        using var losing = new Meddler();
        var lost = 0;
        losing.After = (request, _) =>
        {
            var isWrite = request.Method == HttpMethod.Put && (Meddler.IsCommit(request) || !request.RequestUri!.Query.Contains("comp=", StringComparison.Ordinal)) && request.Headers.Contains("x-ms-meta-mlopssha256");
            return isWrite && lost++ == 0 ? Task.FromException(new IOException("The answer was lost.")) : Task.CompletedTask;
        };
        await container.CreateAsync(cancellationToken: Token);
        var store = new AzureBlobArtifactStore(azurite.Sign(container.Name, Azure.Storage.Sas.BlobContainerSasPermissions.All), losing.Options(retries: 3));
        var written = await store.WriteAsync("a", new NumberStream(length), WriteCondition.IfAbsent, Token);
        Assert.Equal(2, lost);
        Assert.Equal(written, await store.FindAsync("a", Token));
    }

    [Fact]
    public async Task WriteAsync_BlocksOfAnotherProgramAtThePath_SaysWhatToDo()
    {
        var container = azurite.NewContainer();
        await container.CreateAsync(cancellationToken: Token);
        using var meddler = new Meddler();
        meddler.Before = request => Meddler.IsBlock(request) ? Meddler.Answer(HttpStatusCode.BadRequest, "InvalidBlobOrBlock") : null;
        var error = await Assert.ThrowsAsync<StorageException>(() => Store(container, meddler).WriteAsync("a", Content(), default, Token));
        Assert.Contains("another program began to upload", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task WriteAsync_SourceFailsMidway_ThrowsItsExceptionAndChangesNothing()
    {
        var store = Store(azurite.NewContainer(), new Meddler());
        await store.WriteAsync("a", new MemoryStream([1]), default, Token);
        var content = new NumberStream(Length, onRead: position => position > Length / 2 ? throw new InvalidDataException("The source broke off.") : Task.CompletedTask);
        await Assert.ThrowsAsync<InvalidDataException>(() => store.WriteAsync("a", content, default, Token));
        Assert.Equal(1, (await store.FindAsync("a", Token))?.Length);
    }

    private static Stream Content(bool canSeek = false) => canSeek ? new MemoryStream(NumberStream.Bytes(Length)) : new NumberStream(Length);

    private AzureBlobArtifactStore Store(BlobContainerClient container, Meddler meddler)
        => new(azurite.ConnectionString, container.Name, meddler.Options());
}
