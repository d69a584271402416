using Mlops.Artifacts;
using Mlops.Data;
using Mlops.State;
using Mlops.Testing;
using Mlops.Tracking;

namespace Mlops.Core.Tests.Data.Catalog;

public sealed class DatasetCatalogTests
{
    private readonly InMemoryArtifactStore _artifacts = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly DatasetCatalog _catalog;

    public DatasetCatalogTests() => _catalog = new DatasetCatalog(_artifacts, new InMemoryStateStore(_clock), _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ChunkCompression.None)]
    [InlineData(ChunkCompression.Deflate)]
    [InlineData(ChunkCompression.Brotli)]
    public async Task OpenAsync_AllTypes_GivesTheRowsAndSchemaThatWereRegistered(ChunkCompression compression)
    {
        var catalog = new DatasetCatalog(_artifacts, new InMemoryStateStore(), _clock, new DatasetCatalogOptions { Compression = compression });
        var dataset = CatalogRows.AllTypes(3000, 1);
        var version = await catalog.RegisterAsync("all", dataset, cancellationToken: Token);
        var opened = await catalog.OpenAsync("all", Token);
        Assert.Equal(dataset.Schema, opened.Schema);
        Assert.Equal(await CatalogRows.ReadAsync(dataset), await CatalogRows.ReadAsync(opened));
        var expected = await DatasetFingerprint.ComputeAsync(dataset, cancellationToken: Token);
        Assert.Equal(expected.Digest, version.Fingerprint);
        Assert.Equal(expected.Digest, (await DatasetFingerprint.ComputeAsync(opened, cancellationToken: Token)).Digest);
        Assert.Equal((3000, 3000, "all@1"), (version.RowCount, opened.RowCount, opened.Name));
        Assert.Equal(version.Fingerprint, opened.ToReference().Digest);
        Assert.True(opened.Chunks.Count > 5);
    }

    [Fact]
    public async Task RegisterAsync_NoRows_MakesAVersionThatHasNone()
    {
        var empty = CatalogRows.Trips([]);
        var version = await _catalog.RegisterAsync("trips", empty, cancellationToken: Token);
        Assert.Equal((1, 0, 0), (version.Version, version.RowCount, version.ByteCount));
        Assert.Equal(empty.Schema, (await _catalog.OpenAsync("trips", Token)).Schema);
        Assert.Empty(await CatalogRows.ReadAsync(await _catalog.OpenAsync("trips@1", Token)));
    }

    [Fact]
    public async Task RegisterAsync_WhatIsTold_IsFoundAgain()
    {
        await _catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 10)), new DatasetRegistration { Description = "Trips.", Owner = "ml-team", Tags = new Dictionary<string, string> { ["city"] = "all", ["year"] = "1" } }, Token);
        _clock.Advance(TimeSpan.FromHours(1));
        var second = await _catalog.RegisterAsync(
            "trips", CatalogRows.Trips(Enumerable.Range(0, 20)), new DatasetRegistration { Message = "June", Source = "trips.csv", Tags = new Dictionary<string, string> { ["year"] = "2" } }, Token);
        Assert.Equal((2, 1, "June", "trips.csv", "trips@2"), (second.Version, second.ParentVersion, second.Message, second.Source, second.Address));
        Assert.Equal([new("year", "2")], second.Tags);
        Assert.Equal(_clock.GetUtcNow(), second.CreatedAt);
        Assert.Equivalent(second, await _catalog.ResolveAsync("trips@latest", Token), strict: true);

        var entry = await _catalog.GetAsync("trips", Token);
        Assert.Equal(("trips", 2, "Trips.", "ml-team"), (entry.Name, entry.LatestVersion, entry.Description, entry.Owner));
        Assert.Equal(new Dictionary<string, string> { ["city"] = "all", ["year"] = "2" }, entry.Tags);
        Assert.Equal([2, 1], await _catalog.ListVersionsAsync("trips", Token).Select(version => version.Version).ToListAsync(Token));
        Assert.Equal(["trips"], await _catalog.ListAsync(Token).Select(listed => listed.Name).ToListAsync(Token));
    }

    [Fact]
    public async Task RegisterAsync_SameContent_GivesTheExistingVersionUnlessAskedForANewOne()
    {
        var dataset = CatalogRows.Trips(Enumerable.Range(0, 5000));
        var first = await _catalog.RegisterAsync("trips", dataset, cancellationToken: Token);
        await _catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 10)), cancellationToken: Token);
        var files = await CountFilesAsync();
        Assert.Equal(1, (await _catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 5000), batchRows: 77), new DatasetRegistration { Owner = "me" }, Token)).Version);
        Assert.Equal(files, await CountFilesAsync());
        Assert.Equal("me", (await _catalog.GetAsync("trips", Token)).Owner);

        var again = await _catalog.RegisterAsync("trips", dataset, new DatasetRegistration { AlwaysNew = true }, Token);
        Assert.Equal((3, first.Fingerprint), (again.Version, again.Fingerprint));
        // The role is not part of the fingerprint, but of the version.
        var other = await _catalog.RegisterAsync("trips", dataset.WithRole("fare", ColumnRole.Label), cancellationToken: Token);
        Assert.Equal((4, first.Fingerprint), (other.Version, other.Fingerprint));
        Assert.Equal(ColumnRole.Label, (await _catalog.OpenAsync("trips@4", Token)).Schema["fare"].Role);
        Assert.Equal(1, (await _catalog.RegisterAsync("other name", dataset, cancellationToken: Token)).Version);
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(100_000)]
    public async Task RegisterAsync_TenVersionsGrowingByFivePercent_CostLessThanTwiceOne(int rows)
    {
        var first = 0L;
        for (var (i, count) = (0, (double)rows); i < 10; i++, count *= 1.05)
        {
            await _catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, (int)count)), cancellationToken: Token);
            if (i == 0) first = await CountBytesAsync();
        }

        var all = await CountBytesAsync();
        Assert.True(all < 2 * first, $"Ten versions take {all} bytes, one takes {first}.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(25_000)]
    [InlineData(49_999)]
    public async Task RegisterAsync_RowsInsertedDeletedOrChanged_CostFewChunks(int position)
    {
        var ids = Enumerable.Range(0, 50_000).ToList();
        await _catalog.RegisterAsync("trips", CatalogRows.Trips(ids), cancellationToken: Token);
        var all = (await _catalog.OpenAsync("trips", Token)).Chunks.Select(chunk => chunk.Id).ToHashSet();
        Assert.True(all.Count > 50);

        await AssertFewNewAsync([.. ids[..position], 70_001, 70_002, 70_003, .. ids[position..]]);
        await AssertFewNewAsync([.. ids[..position], .. ids[(position + 1)..]]);
        await AssertFewNewAsync([.. ids[..position], 80_000, .. ids[(position + 1)..]]);

        async Task AssertFewNewAsync(int[] changed)
        {
            await _catalog.RegisterAsync("trips", CatalogRows.Trips(changed, batchRows: 911), cancellationToken: Token);
            var opened = await _catalog.OpenAsync("trips", Token);
            Assert.InRange(opened.Chunks.Count(chunk => !all.Contains(chunk.Id)), 1, 6);
            Assert.Equal(changed.Select(id => (object?)(long)id), (await CatalogRows.ReadAsync(opened, new ReadOptions { Columns = ["id"] })).Select(row => row[0]));
        }
    }

    [Fact]
    public async Task RegisterAsync_ManyTasks_NumbersVersionsWithoutGaps()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => _catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 200 + i)), cancellationToken: Token))));
        Assert.Equal(Enumerable.Range(1, 40), versions.Select(version => version.Version).Order());
        foreach (var version in versions) Assert.Equal(version.Fingerprint, (await DatasetFingerprint.ComputeAsync(await _catalog.OpenAsync(version.Address, Token), cancellationToken: Token)).Digest);

        var same = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => _catalog.RegisterAsync("same", CatalogRows.Trips(Enumerable.Range(0, 300)), cancellationToken: Token))));
        Assert.All(same, version => Assert.Equal(1, version.Version));
    }

    [Fact]
    public async Task RegisterAsync_CancelledOrFailed_LeavesNothingReferenced()
    {
        using var cancellation = new CancellationTokenSource();
        var source = new FailingDataset(CatalogRows.Trips(Enumerable.Range(0, 20_000)), 10_000, cancellation.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _catalog.RegisterAsync("trips", source, cancellationToken: cancellation.Token));
        var failing = new FailingDataset(CatalogRows.Trips(Enumerable.Range(0, 20_000)), 10_000, () => throw new DataFormatException("trips.csv", 7, null, "too short"));
        await Assert.ThrowsAsync<DataFormatException>(() => _catalog.RegisterAsync("trips", failing, cancellationToken: Token));

        await Assert.ThrowsAsync<EntityNotFoundException>(() => _catalog.GetAsync("trips", Token));
        Assert.Empty(await _catalog.ListAsync(Token).ToListAsync(Token));
        var collected = await _catalog.CollectGarbageAsync(new GarbageCollectionOptions { GracePeriod = TimeSpan.Zero }, Token);
        Assert.Equal(0, collected.UsedFiles);
        Assert.Equal(0, await CountFilesAsync());
        Assert.Equal(1, (await _catalog.RegisterAsync("trips", CatalogRows.Trips([1]), cancellationToken: Token)).Version);
    }

    [Fact]
    public async Task ReadAsync_TamperedOrMissingChunk_NamesIt()
    {
        var state = new InMemoryStateStore();
        foreach (var compression in Enum.GetValues<ChunkCompression>())
        {
            var artifacts = new InMemoryArtifactStore();
            var catalog = new DatasetCatalog(artifacts, state, _clock, new DatasetCatalogOptions { Compression = compression });
            await catalog.RegisterAsync($"trips {compression}", CatalogRows.Trips(Enumerable.Range(0, 5000)), cancellationToken: Token);
            var opened = await catalog.OpenAsync($"trips {compression}", Token);
            var path = CatalogFiles.ChunkPath(opened.Chunks[3].Id);
            using var original = new MemoryStream();
            await using (var stream = await artifacts.OpenReadAsync(path, cancellationToken: Token)) await stream.CopyToAsync(original, Token);
            var random = new Random(3);
            for (var attempt = 0; attempt < 30; attempt++)
            {
                var bytes = original.ToArray();
                if (attempt % 3 == 0) bytes = bytes[..random.Next(bytes.Length - 100)];
                else bytes[attempt % 2 == 0 ? random.Next(6) : random.Next(44, bytes.Length - 16)] ^= (byte)(1 + random.Next(255));
                if (attempt % 3 == 1) bytes = [.. bytes, .. new byte[100_000]];
                await artifacts.WriteAsync(path, new MemoryStream(bytes), cancellationToken: Token);
                var error = await Assert.ThrowsAsync<StorageException>(() => CatalogRows.ReadAsync(opened));
                Assert.Contains(path, error.Message, StringComparison.Ordinal);
                Assert.Contains(opened.Name, error.Message, StringComparison.Ordinal);
            }

            // Registered again, it is whole again.
            await artifacts.WriteAsync(path, new MemoryStream([1, 2, 3]), cancellationToken: Token);
            await catalog.RegisterAsync("again", CatalogRows.Trips(Enumerable.Range(0, 5000)), cancellationToken: Token);
            Assert.Equal(5000, (await CatalogRows.ReadAsync(opened)).Count);
            await artifacts.DeleteAsync(path, cancellationToken: Token);
            Assert.Contains(path, (await Assert.ThrowsAsync<StorageException>(() => CatalogRows.ReadAsync(opened))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RegisterAsync_OverAChunkDamagedOnDisk_MakesItWholeAgain()
    {
        using var directory = new TestDirectory();
        var catalog = new DatasetCatalog(new LocalArtifactStore(directory.Path), new InMemoryStateStore(), _clock);
        await catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 5000)), cancellationToken: Token);
        var opened = await catalog.OpenAsync("trips", Token);
        var path = Path.Combine(directory.Path, CatalogFiles.ChunkPath(opened.Chunks[3].Id));
        foreach (var damage in new Func<byte[], byte[]>[] { bytes => [.. bytes[..^9], (byte)(bytes[^9] ^ 1), .. bytes[^8..]], bytes => bytes[..(bytes.Length / 2)] })
        {
            await File.WriteAllBytesAsync(path, damage(await File.ReadAllBytesAsync(path, Token)), Token);
            await Assert.ThrowsAsync<StorageException>(() => CatalogRows.ReadAsync(opened));
            Assert.Equal(1, (await catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 5000)), cancellationToken: Token)).Version);
            Assert.Equal(5000, (await CatalogRows.ReadAsync(opened)).Count);
        }
    }

    [Fact]
    public async Task OpenAsync_TamperedManifest_Throws()
    {
        var version = await _catalog.RegisterAsync("trips", CatalogRows.Trips([1, 2]), cancellationToken: Token);
        var path = CatalogFiles.ManifestPath(version.ManifestId);
        await _artifacts.WriteAsync(path, new MemoryStream("{}"u8.ToArray()), cancellationToken: Token);
        Assert.Contains(path, (await Assert.ThrowsAsync<StorageException>(() => _catalog.OpenAsync("trips", Token))).Message, StringComparison.Ordinal);
        await _artifacts.DeleteAsync(path, cancellationToken: Token);
        await Assert.ThrowsAsync<StorageException>(() => _catalog.OpenAsync("trips", Token));
    }

    [Fact]
    public async Task ResolveAsync_Fingerprint_FindsTheVersionRegisteredLast()
    {
        var dataset = CatalogRows.Trips(Enumerable.Range(0, 100));
        var first = await _catalog.RegisterAsync("old", dataset, cancellationToken: Token);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _catalog.RegisterAsync("new", dataset, cancellationToken: Token);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _catalog.RegisterAsync("new", CatalogRows.Trips([1]), cancellationToken: Token);
        Assert.Equal("new@1", (await _catalog.ResolveAsync(first.Fingerprint, Token)).Address);
        await _catalog.DeleteVersionAsync("new", 1, Token);
        await _catalog.CollectGarbageAsync(cancellationToken: Token);
        Assert.Equal("old@1", (await _catalog.OpenAsync(first.Fingerprint, Token)).Name);
        await _catalog.DeleteVersionAsync("old", 1, Token);
        Assert.Equal(first.Fingerprint, (await Assert.ThrowsAsync<EntityNotFoundException>(() => _catalog.ResolveAsync(first.Fingerprint, Token))).Name);
    }

    [Fact]
    public async Task ResolveAsync_Unknown_TellsWhatThereIs()
    {
        await _catalog.RegisterAsync("trips", CatalogRows.Trips([1]), cancellationToken: Token);
        await _catalog.RegisterAsync("trips", CatalogRows.Trips([1, 2]), cancellationToken: Token);
        await _catalog.SetAliasAsync("trips", "training", 1, cancellationToken: Token);
        await AssertToldAsync("dataset", "rides", "trips", () => _catalog.ResolveAsync("rides", Token));
        await AssertToldAsync("dataset", "rides", "trips", () => _catalog.GetAsync("rides", Token));
        await AssertToldAsync("dataset version", "trips@3", "2, 1", () => _catalog.ResolveAsync("trips@3", Token));
        await AssertToldAsync("dataset alias", "trips@test", "training", () => _catalog.OpenAsync("trips@test", Token));
        await AssertToldAsync("dataset version", "trips@9", "2, 1", () => _catalog.SetAliasAsync("trips", "training", 9, cancellationToken: Token));
        await AssertToldAsync("dataset version", "trips@9", "2, 1", () => _catalog.DeleteVersionAsync("trips", 9, Token));
        await AssertToldAsync("dataset", "rides", "rides", () => _catalog.SetAliasAsync("rides", "training", 1, cancellationToken: Token));

        static async Task AssertToldAsync(string kind, string name, string told, Func<Task> act)
        {
            var error = await Assert.ThrowsAsync<EntityNotFoundException>(act);
            Assert.Equal((kind, name), (error.Kind, error.Name));
            Assert.Contains(told, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SetAliasAsync_ExpectedPrevious_MovesOnlyFromThere()
    {
        for (var i = 1; i <= 3; i++) await _catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, i)), cancellationToken: Token);
        await _catalog.SetAliasAsync("trips", "training", 1, AliasCondition.IfPointsTo(null), Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => _catalog.SetAliasAsync("trips", "training", 2, AliasCondition.IfPointsTo(null), Token));
        await Assert.ThrowsAsync<EntityConflictException>(() => _catalog.SetAliasAsync("trips", "training", 2, AliasCondition.IfPointsTo(3), Token));
        Assert.Equal(1, (await _catalog.ResolveAsync("trips@training", Token)).Version);
        await _catalog.SetAliasAsync("trips", "training", 2, AliasCondition.IfPointsTo(1), Token);
        Assert.Equal(2, (await _catalog.ResolveAsync("trips@training", Token)).Version);

        // Of many who move it from one and the same version, one succeeds.
        var moved = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            try
            {
                await _catalog.SetAliasAsync("trips", "training", 1 + (2 * (i % 2)), AliasCondition.IfPointsTo(2), Token);
                return 1;
            }
            catch (EntityConflictException)
            {
                return 0;
            }
        })));
        Assert.Equal(1, moved.Sum());
        await _catalog.SetAliasAsync("trips", "training", null, cancellationToken: Token);
        Assert.Empty((await _catalog.GetAsync("trips", Token)).Aliases);
    }

    [Fact]
    public async Task DeleteVersionAsync_Latest_MakesTheOneBeforeTheLatestAndNeverGivesItsNumberAgain()
    {
        for (var i = 1; i <= 2; i++) await _catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, i)), cancellationToken: Token);
        await _catalog.SetAliasAsync("trips", "training", 2, cancellationToken: Token);
        var error = await Assert.ThrowsAsync<EntityConflictException>(() => _catalog.DeleteVersionAsync("trips", 2, Token));
        Assert.Contains("training", error.Message, StringComparison.Ordinal);
        await _catalog.SetAliasAsync("trips", "training", null, cancellationToken: Token);
        await _catalog.DeleteVersionAsync("trips", 2, Token);
        Assert.Equal(1, (await _catalog.ResolveAsync("trips", Token)).Version);
        Assert.Equal(3, (await _catalog.RegisterAsync("trips", CatalogRows.Trips([1, 2, 3]), cancellationToken: Token)).Version);
        await _catalog.DeleteVersionAsync("trips", 3, Token);
        await _catalog.DeleteVersionAsync("trips", 1, Token);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => _catalog.ResolveAsync("trips", Token));
        Assert.Null((await _catalog.GetAsync("trips", Token)).LatestVersion);
        Assert.Equal(4, (await _catalog.RegisterAsync("trips", CatalogRows.Trips([1]), cancellationToken: Token)).Version);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a@b@c")]
    [InlineData("a:b")]
    [InlineData("trips@")]
    [InlineData("trips@0")]
    [InlineData("trips@v1")]
    [InlineData("trips@99999999999")]
    [InlineData("trips@La test")]
    public async Task ResolveAsync_NoAddress_Throws(string address)
        => await Assert.ThrowsAsync<FormatException>(() => _catalog.ResolveAsync(address, Token));

    [Fact]
    public async Task RegisterAsync_NameLikeAFingerprint_Throws()
        => await Assert.ThrowsAsync<FormatException>(() => _catalog.RegisterAsync(new string('a', 64), CatalogRows.Trips([1]), cancellationToken: Token));

    private async Task<int> CountFilesAsync() => await _artifacts.ListAsync("datasets/chunks", Token).CountAsync(Token) + await _artifacts.ListAsync("datasets/manifests", Token).CountAsync(Token);

    private async Task<long> CountBytesAsync() => await _artifacts.ListAsync("", Token).Select(file => file.Length).SumAsync(Token);
}

public sealed class CatalogDatasetConformanceTests : DatasetConformance
{
    protected override async Task<IDataset> CreateAsync()
    {
        var catalog = new DatasetCatalog(new InMemoryArtifactStore(), new InMemoryStateStore());
        await catalog.RegisterAsync("all", CatalogRows.AllTypes(3000, 1));
        return await catalog.OpenAsync("all");
    }
}

public sealed class MarkedRowDatasetConformanceTests : DatasetConformance
{
    protected override async Task<IDataset> CreateAsync()
    {
        var catalog = new DatasetCatalog(new InMemoryArtifactStore(), new InMemoryStateStore());
        await catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 2000)));
        await catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 4000).Where(i => i % 7 != 0)));
        return (await catalog.DiffAsync("trips@1", "trips@2")).Added;
    }
}
