using Mlops.Models;

namespace Mlops.Serving.Tests;

/// <summary>Model directories whose files are links, above all volumes as Kubernetes mounts them: <c>MLmodel</c> → <c>..data/MLmodel</c>, <c>..data</c> → <c>..2026_11_23</c>, of which the second is switched.</summary>
public sealed class MountedDirectoryTests : IDisposable
{
    private const string Name = "rides";
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Follow_MountedVolume_IsServedAndSwitched(bool hasManifest)
    {
        var mount = await MountAsync(hasManifest);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        var adding = host.AddAsync(Name, ModelSource.FromDirectory(mount, new DirectorySourceOptions { AllowMissingManifest = !hasManifest }), cancellationToken: ServingFixture.Token);
        await _fixture.UntilAsync(() => adding.IsCompleted);
        await adding;
        Assert.Equal(1, await FactorAsync(host));
        await SaveAsync("mount/..v2", 2, hasManifest);
        _fixture.SwitchLink("mount/..data", "..v2");
        Directory.Delete(_fixture.PathOf("mount/..v1"), recursive: true);
        while (await FactorAsync(host) != 2)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await _fixture.UntilAsync(() => host.GetStatus(Name) is { LastError: null, Draining.Count: 0 });
        Assert.Equal(2, host.GetModel(Name)!.Version.Version);
    }

    [Fact]
    public async Task OpenAsync_MountedVolume_IsTheModel()
    {
        var mount = await MountAsync(hasManifest: true);
        var directory = await ModelDirectory.OpenAsync(mount, ServingFixture.Token);
        Assert.Equal((await ModelDirectory.OpenAsync(_fixture.PathOf("mount/..v1"), ServingFixture.Token)).Digest, directory.Digest);
        Assert.Null(await ModelDirectory.FindMissingAsync(mount, ServingFixture.Token));
    }

    [Theory]
    [InlineData("data/factor.txt")]
    [InlineData(ModelFiles.MLmodel)]
    public async Task ReloadAsync_LinkLeadsNowhere_NamesTheFileAndThePresentModelGoesOn(string file)
    {
        var mount = await MountAsync(hasManifest: true);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ModelSource.FromDirectory(mount), cancellationToken: ServingFixture.Token);
        File.Delete(Path.Combine(mount, "..v1", file));
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Contains($"'{file}'", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
        Assert.Equal(1, await FactorAsync(host));
        var opening = await Assert.ThrowsAsync<ModelLoadException>(() => ModelDirectory.OpenAsync(mount, ServingFixture.Token));
        Assert.Contains($"'{file}'", opening.Message, StringComparison.Ordinal);
    }

    /// <summary>The link stays as it is; what it leads to is written anew.</summary>
    [Fact]
    public async Task Follow_FilesBehindLinksChange_Swaps()
    {
        await _fixture.SaveAsync("first", 1);
        await _fixture.SaveAsync("second", 2);
        Directory.CreateDirectory(_fixture.PathOf("model"));
        foreach (var file in new[] { ModelFiles.MLmodel, ModelFiles.Manifest, "factor.txt" }) File.CreateSymbolicLink(InModel(file), _fixture.PathOf("store-" + file));
        Store("first");
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ModelSource.FromDirectory(_fixture.PathOf("model")), cancellationToken: ServingFixture.Token);
        Assert.Equal(1, await FactorAsync(host));
        Store("second");
        while (await FactorAsync(host) != 2)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        string InModel(string file)
        {
            var path = Path.Combine(_fixture.PathOf("model"), file == "factor.txt" ? Path.Combine("data", file) : file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return path;
        }

        void Store(string name)
        {
            foreach (var file in new DirectoryInfo(_fixture.PathOf(name)).EnumerateFiles("*", SearchOption.AllDirectories)) file.CopyTo(_fixture.PathOf("store-" + file.Name), overwrite: true);
        }
    }

    private static async Task<float> FactorAsync(ModelHost host) => (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor;

    private async Task<string> MountAsync(bool hasManifest)
    {
        await SaveAsync("mount/..v1", 1, hasManifest);
        _fixture.SwitchLink("mount/..data", "..v1");
        var mount = new DirectoryInfo(_fixture.PathOf("mount"));
        foreach (var entry in new DirectoryInfo(_fixture.PathOf("mount/..v1")).EnumerateFileSystemInfos()) File.CreateSymbolicLink(Path.Combine(mount.FullName, entry.Name), "..data/" + entry.Name);
        return mount.FullName;
    }

    private async Task SaveAsync(string name, float factor, bool hasManifest)
    {
        await _fixture.SaveAsync(name, factor);
        if (!hasManifest) File.Delete(Path.Combine(_fixture.PathOf(name), ModelFiles.Manifest));
    }
}
