using System.IO.Compression;
using Mlops.Models;

namespace Mlops.Serving.Tests;

public sealed class ArchiveSourceTests : IDisposable
{
    private const string Name = "rides";
    private const string Address = "archive of rides";
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AddAsync_Archive_ServesTheDirectoryInIt(bool withFolder)
    {
        var directory = await _fixture.SaveAsync("model", 3);
        var zip = await ZipAsync("model", withFolder);
        await using var host = _fixture.CreateHost();
        var stream = new MemoryStream(zip);
        var model = await host.AddAsync(Name, ModelSource.FromArchive(Address, stream), cancellationToken: ServingFixture.Token);
        Assert.Equal((directory.Digest, 1, Address), (model.Digest, model.Version.Version, model.Version.Source));
        Assert.Equal(3f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        Assert.False(stream.CanRead);
        Assert.Same(model, await host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Equal([directory.Digest], Directory.EnumerateFileSystemEntries(_fixture.Cache).Select(Path.GetFileName).Where(entry => entry != "last-good"));
    }

    /// <summary>A copy that is bad must not cost content that can be read once.</summary>
    [Fact]
    public async Task AddAsync_StreamReadOnceAndTheCachedCopyIsDamaged_ServesTheArchive()
    {
        var directory = await _fixture.SaveAsync("model", 3);
        var zip = await ZipAsync("model");
        await AddAsync(zip);
        await File.AppendAllTextAsync(Path.Combine(_fixture.Cache, directory.Digest, "data", "factor.txt"), " ", ServingFixture.Token);
        await AddAsync(zip);
        await ModelDirectory.OpenAsync(Path.Combine(_fixture.Cache, directory.Digest), ServingFixture.Token);

        async Task AddAsync(byte[] archive)
        {
            await using var host = _fixture.CreateHost();
            await host.AddAsync(Name, ModelSource.FromArchive(Address, new MemoryStream(archive)), cancellationToken: ServingFixture.Token);
            Assert.Equal(3f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        }
    }

    [Fact]
    public async Task AddAsync_StreamReadOnceAndTheCachedCopyIsNotSealed_ServesTheArchive()
    {
        await _fixture.SaveAsync("model", 3);
        await using (var first = _fixture.CreateHost())
            await first.AddAsync(Name, ModelSource.FromArchive(Address, new MemoryStream(await ZipAsync("model"))), cancellationToken: ServingFixture.Token);
        using var key = SealKey.Create();
        await ManifestSeal.WriteAsync(_fixture.PathOf("model"), key, ServingFixture.Token);
        var loader = new ModelLoader([_fixture.Flavor], new ModelLoaderOptions { CacheDirectory = _fixture.Cache, SealPolicy = SealPolicy.RequireSeal(key) }, _fixture.Time, _fixture.Loggers);
        await using var host = new ModelHost(loader, new ModelHostOptions { AutoReload = false }, timeProvider: _fixture.Time);
        await host.AddAsync(Name, ModelSource.FromArchive(Address, new MemoryStream(await ZipAsync("model"))), cancellationToken: ServingFixture.Token);
        Assert.Equal(3f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        Assert.Equal(0, _fixture.Loggers.Count("CacheDamaged"));
    }

    [Fact]
    public async Task ReloadAsync_StreamOpenedAnew_TakesWhatItHoldsNow()
    {
        await _fixture.SaveAsync("one", 1);
        await _fixture.SaveAsync("two", 2);
        var zip = await ZipAsync("one");
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ModelSource.FromArchive(Address, _ => Task.FromResult<Stream>(new MemoryStream(zip))), cancellationToken: ServingFixture.Token);
        zip = await ZipAsync("two");
        Assert.Equal(2, (await host.ReloadAsync(Name, ServingFixture.Token)).Version.Version);
        Assert.Equal(2f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        zip = zip[..^30];
        await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Equal(2f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
    }

    [Fact]
    public async Task AddAsync_Followed_ReadsTheArchiveOnce()
    {
        await _fixture.SaveAsync("model", 1);
        var zip = await ZipAsync("model");
        var opens = 0;
        await using (var host = _fixture.CreateHost(new ModelHostOptions()))
        {
            var source = ModelSource.FromArchive(Address, _ =>
            {
                opens++;
                return Task.FromResult<Stream>(new MemoryStream(zip));
            });
            await host.AddAsync(Name, source, cancellationToken: ServingFixture.Token);
        }

        Assert.Equal(1, opens);
    }

    [Fact]
    public async Task AddAsync_ArchiveTruncatedAnywhere_ThrowsAndLeavesNothing()
    {
        await _fixture.SaveAsync("model", 1);
        var zip = await ZipAsync("model");
        foreach (var length in new[] { 0, 1, 30, zip.Length / 2, zip.Length - 1 })
        {
            var error = await ThrowsAsync(zip[..length]);
            Assert.StartsWith(Address, error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.Cache));
    }

    [Fact]
    public async Task AddAsync_BytesChanged_Throws()
    {
        await _fixture.SaveAsync("model", 1);
        using var changed = new MemoryStream();
        changed.Write(await ZipAsync("model"));
        using (var archive = new ZipArchive(changed, ZipArchiveMode.Update, leaveOpen: true))
        {
            using var file = archive.GetEntry("data/factor.txt")!.Open();
            file.WriteByte((byte)'9');
        }

        Assert.Contains("data/factor.txt", (await ThrowsAsync(changed.ToArray())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../escaped.txt")]
    [InlineData("data/../../escaped.txt")]
    [InlineData("/escaped.txt")]
    [InlineData("..\\escaped.txt")]
    public async Task AddAsync_EntryLeadsOut_ThrowsAndWritesNothingOutside(string entry)
    {
        var error = await ThrowsAsync(await MakeAsync((entry, "x")));
        Assert.Contains("leads out of its folder", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.Cache));
        Assert.False(File.Exists("/escaped.txt"));
    }

    [Fact]
    public async Task AddAsync_EntryIsALink_Throws()
    {
        using var content = new MemoryStream();
        using (var archive = new ZipArchive(content, ZipArchiveMode.Create, leaveOpen: true)) archive.CreateEntry("MLmodel").ExternalAttributes = unchecked((int)0xA1FF0000);
        Assert.Contains("link 'MLmodel'", (await ThrowsAsync(content.ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAsync_MoreThanAllowed_Throws()
    {
        var bomb = await MakeAsync(("MLmodel", new string('0', 1_000_000)));
        Assert.Contains(nameof(ArchiveSourceOptions.MaxBytes), (await ThrowsAsync(bomb, new ArchiveSourceOptions { MaxBytes = 100_000 })).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ArchiveSourceOptions.MaxBytes), (await ThrowsAsync(new byte[1000], new ArchiveSourceOptions { MaxBytes = 999 })).Message, StringComparison.Ordinal);
        var many = await MakeAsync(("a", ""), ("b", ""), ("c", ""));
        Assert.Contains(nameof(ArchiveSourceOptions.MaxFiles), (await ThrowsAsync(many, new ArchiveSourceOptions { MaxFiles = 2 })).Message, StringComparison.Ordinal);
        Assert.Contains("twice", (await ThrowsAsync(await MakeAsync(("a", ""), ("a", "")))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_fixture.Cache));
    }

    [Fact]
    public async Task AddAsync_StreamCannotBeOpened_ThrowsTransient()
    {
        await using var host = _fixture.CreateHost();
        var source = ModelSource.FromArchive(Address, _ => throw new IOException("out of reach"));
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync(Name, source, cancellationToken: ServingFixture.Token));
        Assert.True(error.IsTransient);
        Assert.Contains("out of reach", error.Message, StringComparison.Ordinal);
    }

    private static async Task<byte[]> MakeAsync(params (string Name, string Text)[] files)
    {
        using var content = new MemoryStream();
        using (var archive = new ZipArchive(content, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                await using var writer = new StreamWriter(archive.CreateEntry(name).Open());
                await writer.WriteAsync(text);
            }
        }

        return content.ToArray();
    }

    private async Task<byte[]> ZipAsync(string directory, bool withFolder = false)
    {
        using var content = new MemoryStream();
        await ZipFile.CreateFromDirectoryAsync(_fixture.PathOf(directory), content, CompressionLevel.Fastest, withFolder, ServingFixture.Token);
        return content.ToArray();
    }

    private async Task<ModelLoadException> ThrowsAsync(byte[] zip, ArchiveSourceOptions? options = null)
    {
        await using var host = _fixture.CreateHost();
        return await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync(Name, ModelSource.FromArchive(Address, new MemoryStream(zip), options), cancellationToken: ServingFixture.Token));
    }
}
