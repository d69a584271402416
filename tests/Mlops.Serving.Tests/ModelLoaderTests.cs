using System.Text;
using System.Text.Json;

namespace Mlops.Serving.Tests;

public sealed class ModelLoaderTests : IDisposable
{
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task LoadAsync_NewVersion_FetchesIntoCacheByDigest()
    {
        var version = await _fixture.RegisterAsync(3);
        await using var loaded = await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token);
        Assert.Same(version, loaded.Version);
        Assert.Equal(version.Digest, loaded.Directory!.Digest);
        Assert.Equal(Path.Combine(_fixture.Cache, version.Digest), loaded.Directory!.Path);
        Assert.IsType<FactorModel>(loaded.Model);
        Assert.Equal([version.Digest], Directory.EnumerateDirectories(_fixture.Cache).Select(Path.GetFileName));
    }

    [Fact]
    public async Task LoadAsync_Flavor_IsToldTheNameOfTheModel()
    {
        var version = await _fixture.RegisterAsync(3);
        await using var loaded = await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token);
        Assert.Equal([version.Name], _fixture.Flavor.Names);
    }

    [Fact]
    public async Task LoadAsync_VersionInCache_FetchesNothing()
    {
        var version = await _fixture.RegisterAsync(3);
        await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token);
        var opens = _fixture.Artifacts.Opens;
        await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token);
        Assert.Equal(opens, _fixture.Artifacts.Opens);
        Assert.Equal($"Fetched models:/factors/3 from models/3; files: {opens}.", Assert.Single(_fixture.Loggers.Messages("Downloaded")));
    }

    [Fact]
    public async Task LoadAsync_CacheTamperedWith_FetchesAgain()
    {
        var version = await _fixture.RegisterAsync(3);
        var first = await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token);
        await File.WriteAllTextAsync(Path.Combine(first.Directory!.Path, "data", "factor.txt"), "99 x 1", ServingFixture.Token);
        var second = await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token);
        Assert.Equal(3f, await FactorOfAsync(second));
        Assert.Equal(1, _fixture.Loggers.Count("CacheDamaged"));
        Assert.Single(Directory.EnumerateDirectories(_fixture.Cache));
    }

    /// <summary>Who sees the damage late must not take away what another one has fetched meanwhile and reads.</summary>
    [Fact]
    public async Task LoadAsync_CacheTamperedWithAndSeenByTwo_IsFetchedOnce()
    {
        var version = await _fixture.RegisterAsync(3);
        var first = await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token);
        await File.WriteAllTextAsync(Path.Combine(first.Directory!.Path, "data", "factor.txt"), "99 x 1", ServingFixture.Token);
        using var isSeen = new ManualResetEventSlim();
        using var isMended = new ManualResetEventSlim();
        var seen = 0;
        _fixture.Loggers.OnLogged = name =>
        {
            if (name != "CacheDamaged" || Interlocked.Increment(ref seen) > 1) return;
            isSeen.Set();
            isMended.Wait(ServingFixture.Token);
        };
        var late = Task.Run(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token), ServingFixture.Token);
        isSeen.Wait(ServingFixture.Token);
        Assert.Equal(3f, await FactorOfAsync(await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token)));
        isMended.Set();
        Assert.Equal(3f, await FactorOfAsync(await late));
        Assert.Equal((2, 2), (_fixture.Loggers.Count("CacheDamaged"), _fixture.Loggers.Count("Downloaded")));
    }

    [Fact]
    public async Task LoadAsync_FileTamperedWithInStore_Throws()
    {
        var version = await _fixture.RegisterAsync(3);
        _fixture.Artifacts.Files["models/3/data/factor.txt"] = Encoding.UTF8.GetBytes("99 x 1");
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token));
        Assert.Contains("is not what was saved: 'data/factor.txt' has the digest ", error.Message, StringComparison.Ordinal);
        Assert.Null(error.InnerException);
        Assert.False(error.IsTransient);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.Cache));
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("MLmodel")]
    [InlineData("data/factor.txt")]
    public async Task LoadAsync_FileRemovedInStore_NamesThePathInTheStore(string file)
    {
        var version = await _fixture.RegisterAsync(3);
        Assert.True(_fixture.Artifacts.Files.TryRemove("models/3/" + file, out _));
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token));
        Assert.Contains("models:/factors/3", error.Message, StringComparison.Ordinal);
        Assert.Contains("'models/3'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_fixture.Cache, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_ManifestUnreadableInStore_ThrowsWithCause()
    {
        var version = await _fixture.RegisterAsync(3);
        _fixture.Artifacts.Files["models/3/manifest.json"] = "{"u8.ToArray();
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token));
        Assert.IsAssignableFrom<JsonException>(error.InnerException);
        Assert.DoesNotContain(_fixture.Cache, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_OtherModelWithItsOwnManifest_Throws()
    {
        var version = await _fixture.RegisterAsync(3);
        _fixture.Artifacts.Files.Clear();
        var other = await _fixture.RegisterAsync(3, new FactorModel(99));
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token));
        Assert.Contains(other.Digest, error.Message, StringComparison.Ordinal);
        Assert.Contains(version.Digest, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_ManifestRemoved_Throws()
    {
        var version = await _fixture.RegisterAsync(3);
        _fixture.Artifacts.Files.TryRemove("models/3/manifest.json", out _);
        await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../../../../../../../etc/00000000000000000000000000000000000000000")]
    [InlineData("ABCDEF0000000000000000000000000000000000000000000000000000000000")]
    public async Task LoadAsync_DigestMalformed_Throws(string digest)
    {
        var version = await _fixture.RegisterAsync(3);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version with { Digest = digest }, ServingFixture.Token));
        Assert.Contains("models:/factors/3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_PathLeadsOutOfFolder_ThrowsAndWritesNothingOutside()
    {
        var version = await _fixture.RegisterAsync(3);
        _fixture.Artifacts.Files["models/3/../../escaped.txt"] = [1];
        await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.Cache));
        Assert.False(File.Exists(Path.Combine(_fixture.Cache, "..", "escaped.txt")));
    }

    [Fact]
    public async Task LoadAsync_SourceGone_Throws()
    {
        var version = await _fixture.RegisterAsync(3);
        _fixture.Artifacts.Files.Clear();
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token));
        Assert.Contains("'models/3'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_StoreUnreachable_ThrowsTransientAndLeavesNothing()
    {
        var version = await _fixture.RegisterAsync(3);
        _fixture.Artifacts.Failure = new IOException("unreachable");
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token));
        Assert.True(error.IsTransient);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.Cache));
        _fixture.Artifacts.Failure = null;
        Assert.Equal(3f, await FactorOfAsync(await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token)));
    }

    [Fact]
    public async Task LoadAsync_FlavorUnknown_NamesFlavorsThereAndRegistered()
    {
        var version = await _fixture.RegisterAsync(3);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader(new FactorFlavor("onnx")).LoadAsync(version, ServingFixture.Token));
        Assert.Contains("'factor'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'onnx'", error.Message, StringComparison.Ordinal);
        Assert.Contains("AddTraining()", error.Message, StringComparison.Ordinal);
        Assert.Contains("AddOnnx()", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_FlavorThrows_ThrowsWithCause()
    {
        var version = await _fixture.RegisterAsync(3);
        _fixture.Flavor.BeforeLoad = (_, _) => throw new InvalidDataException("broken");
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token));
        Assert.IsType<InvalidDataException>(error.InnerException);
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task LoadAsync_SeveralAtOnce_AllLoad()
    {
        var version = await _fixture.RegisterAsync(3);
        var loads = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token), ServingFixture.Token)));
        Assert.All(loads, loaded => Assert.Equal(version.Digest, loaded.Directory!.Digest));
        Assert.Equal([version.Digest], Directory.EnumerateDirectories(_fixture.Cache).Select(Path.GetFileName));
    }

    [Fact]
    public async Task LoadAsync_Cancelled_ThrowsUnwrappedAndLeavesNothing()
    {
        var version = await _fixture.RegisterAsync(3);
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fixture.CreateLoader().LoadAsync(version, cancellation.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.Cache));
    }

    [Fact]
    public async Task LoadAsync_CacheOfLongAgo_IsSweptUp()
    {
        var version = await _fixture.RegisterAsync(3);
        await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token);
        string[] names = [$".{version.Digest[..8]}-half", new('a', 64), "of somebody else"];
        foreach (var name in names) Directory.CreateDirectory(Path.Combine(_fixture.Cache, name));
        async Task<IEnumerable<string>> LoadAfterAsync(double days)
        {
            foreach (var directory in Directory.GetDirectories(_fixture.Cache)) Directory.SetLastWriteTimeUtc(directory, _fixture.Time.GetUtcNow().UtcDateTime.AddDays(-days));
            await _fixture.CreateLoader().LoadAsync(version, ServingFixture.Token);
            return Directory.GetDirectories(_fixture.Cache).Select(directory => Path.GetFileName(directory)).Order(StringComparer.Ordinal);
        }

        Assert.Equal(new[] { names[0], version.Digest, names[1], names[2] }.Order(StringComparer.Ordinal), await LoadAfterAsync(0.5));
        Assert.Equal(new[] { version.Digest, names[1], names[2] }.Order(StringComparer.Ordinal), await LoadAfterAsync(2));
        Assert.Equal(new[] { version.Digest, names[2] }.Order(StringComparer.Ordinal), await LoadAfterAsync(31));
    }

    [Fact]
    public async Task LoadAsync_LoaderThatLivesForLong_SweepsOnceADay()
    {
        var version = await _fixture.RegisterAsync(3);
        var loader = _fixture.CreateLoader();
        await loader.LoadAsync(version, ServingFixture.Token);
        var old = Directory.CreateDirectory(Path.Combine(_fixture.Cache, new string('a', 64)));
        old.LastWriteTimeUtc = _fixture.Time.GetUtcNow().UtcDateTime.AddDays(-31);
        await loader.LoadAsync(version, ServingFixture.Token);
        Assert.True(Directory.Exists(old.FullName));
        _fixture.Time.Advance(TimeSpan.FromDays(1));
        await loader.LoadAsync(version, ServingFixture.Token);
        Assert.False(Directory.Exists(old.FullName));
    }

    private static async Task<float> FactorOfAsync(LoadedModel loaded)
    {
        await using var predictor = loaded.Model.CreatePredictor();
        return (await ServingFixture.PredictAsync(predictor)).Output.Factor;
    }
}
