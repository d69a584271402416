using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

public sealed class SealedModelTests : IDisposable
{
    private readonly ServingFixture _fixture = new();
    private readonly SealKey _key = SealKey.Create();

    private static CancellationToken Token => ServingFixture.Token;

    public void Dispose()
    {
        _key.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task LoadAsync_SealRequired_LoadsOnlyWhatATrustedKeySealed()
    {
        var version = await _fixture.PointToAsync(1);
        await using var host = CreateHost();
        await RefusesAsync(host, SealFault.Unsealed);
        using (var other = SealKey.Create())
        {
            await SealAsync(version, other);
            await RefusesAsync(host, SealFault.UnknownKey);
        }

        // The copy in the cache has only the other seal.
        await SealAsync(version, _key);
        Assert.Equal(1, (await host.AddAsync("rides", ServingFixture.Champion, Token)).Version.Version);

        var next = await _fixture.PointToAsync(2);
        _fixture.Artifacts.Files[$"{next.Source}/{ModelFiles.Seal}"] = _fixture.Artifacts.Files[$"{version.Source}/{ModelFiles.Seal}"];
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync("rides", Token));
        Assert.Equal(SealFault.WrongSignature, error.SealFault);
        Assert.Equal(1, host.GetModel("rides")!.Version.Version);
    }

    [Fact]
    public async Task LoadAsync_Refused_HasReadNothingOfTheModel()
    {
        await _fixture.PointToAsync(1);
        await using var host = CreateHost();
        _fixture.Flavor.BeforeLoad = (_, _) => throw new InvalidOperationException("The flavor was asked.");
        await RefusesAsync(host, SealFault.Unsealed);
    }

    private ModelHost CreateHost()
    {
        var loader = new ModelLoader(_fixture.Artifacts, [_fixture.Flavor], new ModelLoaderOptions { CacheDirectory = _fixture.Cache, SealPolicy = SealPolicy.RequireSeal(_key) }, _fixture.Time, _fixture.Loggers);
        return new ModelHost(_fixture.Resolver, loader, new ModelHostOptions { AutoReload = false }, null, _fixture.Time, _fixture.Loggers);
    }

    private async Task SealAsync(ModelVersion version, SealKey key)
    {
        var copy = Directory.CreateTempSubdirectory("mlops-sealed-").FullName;
        try
        {
            foreach (var (path, content) in _fixture.Artifacts.Files.Where(file => file.Key.StartsWith(version.Source + "/", StringComparison.Ordinal)))
            {
                var file = Path.Combine(copy, path[(version.Source.Length + 1)..]);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllBytesAsync(file, content, Token);
            }

            await ManifestSeal.WriteAsync(copy, key, Token);
            await _fixture.Artifacts.WriteDirectoryAsync(copy, version.Source, Token);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static async Task RefusesAsync(ModelHost host, SealFault fault)
    {
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync("rides", ServingFixture.Champion, Token));
        Assert.Equal(fault, error.SealFault);
        Assert.False(error.IsTransient);
        Assert.Contains("'models/1'", error.Message, StringComparison.Ordinal);
        Assert.Null(error.InnerException);
    }
}
