using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Tests;
using Mlops.Tracking;
using Mlops.Tracking.PostgreSql;
using Mlops.Tracking.Sqlite;

namespace Mlops.Serving.Tests;

/// <summary>A host follows an alias that another program moves in a stored registry, by the real clock.</summary>
public sealed class StoredRegistryTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>, IDisposable
{
    // The cases of one server each have a model of their own.
    private readonly string _name = $"factors-{Guid.NewGuid():N}";
    private readonly ServingFixture _fixture = new();

    private static CancellationToken Token => ServingFixture.Token;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task AutoReload_AliasMovedByAnotherProgram_IsFollowedThroughARefusalAndBack(bool isPostgreSql, bool isOnFirstUse)
    {
        await using var here = await OpenAsync(isPostgreSql);
        await using var elsewhere = await OpenAsync(isPostgreSql);
        await PublishAsync(elsewhere, new FactorModel(1));
        var loader = new ModelLoader(here.Artifacts, [_fixture.Flavor], new ModelLoaderOptions { CacheDirectory = _fixture.Cache });
        var options = new ModelHostOptions { RetryDelay = TimeSpan.FromMilliseconds(20), PollInterval = isOnFirstUse ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromMinutes(10) };
        await using var host = new ModelHost(here.Registry, loader, options, loggerFactory: _fixture.Loggers);
        if (isOnFirstUse) host.Add(_name, ModelSource.FromRegistry(ModelUri.OfAlias(_name, "champion")));
        else await host.AddAsync(_name, ModelUri.OfAlias(_name, "champion"), Token);
        Assert.Equal(1f, await PredictAsync());

        await PublishAsync(elsewhere, new FactorModel(2));
        await UntilAsync(() => host.GetModel(_name)!.Version.Version == 2);
        Assert.Equal(2f, await PredictAsync());

        // Nobody could call the third: the second goes on, and is not loaded anew when the alias is back at it.
        await PublishAsync(elsewhere, new FactorModel(3, inputName: "other"));
        await UntilAsync(() => host.GetStatus(_name).LastError is not null);
        Assert.Equal(2f, await PredictAsync());
        await elsewhere.Registry.SetAliasAsync(_name, "champion", 2, cancellationToken: Token);
        await UntilAsync(() => host.GetStatus(_name).LastError is null);
        await elsewhere.Registry.SetAliasAsync(_name, "champion", 1, cancellationToken: Token);
        await UntilAsync(() => host.GetModel(_name)!.Version.Version == 1);
        await UntilAsync(() => host.GetStatus(_name).Draining.Count == 0);
        Assert.Equal([1f, 1f, 2f], _fixture.Flavor.Predictors.Select(predictor => predictor.Factor).Order());
        Assert.All(_fixture.Flavor.Predictors.Where(predictor => predictor.Factor == 2), predictor => Assert.Equal(1, predictor.Disposals));

        async Task<float> PredictAsync() => (await host.GetTyped<X, Y>(_name).PredictAsync(new X(2), cancellationToken: Token)).Factor;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(5, Token);
    }

    private async Task<StandaloneTracking> OpenAsync(bool isPostgreSql)
        => isPostgreSql
            ? await PostgreSqlTracking.OpenAsync(server.ConnectionString, new LocalArtifactStore(_fixture.PathOf("store")), cancellationToken: Token)
            : await SqliteTracking.OpenAsync(_fixture.PathOf("mlops.db"), cancellationToken: Token);

    private async Task PublishAsync(StandaloneTracking tracking, IModel model)
    {
        var path = _fixture.PathOf(Guid.NewGuid().ToString("N"));
        var directory = await ModelDirectory.SaveAsync(path, model, cancellationToken: Token);
        var source = $"models/{Path.GetFileName(path)}";
        await tracking.Artifacts.UploadDirectoryAsync(path, source, Token);
        var version = await tracking.Registry.RegisterVersionAsync(_name, new NewModelVersion(source, directory.Digest), Token);
        await tracking.Registry.SetAliasAsync(_name, "champion", version.Version, cancellationToken: Token);
    }
}
