using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Artifacts;
using Mlops.Data;
using Mlops.Models;
using Mlops.Profiles;
using Mlops.Tracking;

namespace Mlops.Serving.Tests.Observation;

/// <summary>The payload log of a host, by registration.</summary>
public sealed class HostedPayloadLogTests : IDisposable
{
    private readonly ServingFixture _fixture = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-payloads-").FullName;

    public void Dispose()
    {
        _fixture.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task UsePayloadLog_HostedModel_WritesPredictionsFailuresAndSwaps()
    {
        var services = Services();
        services.AddMlops().AddServing(s => s.ConfigureLoader(options => options.CacheDirectory = _fixture.Cache).AddModel<X, Y>("rides", "models:/factors@champion")
            .UsePayloadLog(options => options.Directory = _folder).UsePayloadLog(options => options.MaxFiles = 7));
        await _fixture.PointToAsync(1);
        await using (var provider = services.BuildServiceProvider())
        {
            var host = provider.GetRequiredService<ModelHost>();
            await host.ReloadAsync("rides", ServingFixture.Token);
            Assert.Same(provider.GetRequiredService<PayloadLog>(), Assert.Single(provider.GetServices<IPredictionObserver>()));
            await ServingFixture.PredictAsync(host.Get("rides"), 5);
            await _fixture.PointToAsync(2);
            await host.ReloadAsync("rides", ServingFixture.Token);
            await ServingFixture.PredictAsync(host.Get("rides"), 6);
            _fixture.Flavor.Failure = new PredictionFailedException("rides", "no");
            await Assert.ThrowsAsync<PredictionFailedException>(() => ServingFixture.PredictAsync(host.Get("rides"), 7));
        }

        var lines = (await File.ReadAllLinesAsync(Assert.Single(Directory.GetFiles(_folder)), ServingFixture.Token)).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(
            ["rides 1 primary {\"x\":5} {\"y\":5,\"factor\":1} ", "rides 2 primary {\"x\":6} {\"y\":12,\"factor\":2} ", "rides 2 primary   Mlops.PredictionFailedException"],
            lines.Select(line => $"{line.GetProperty("model")} {line.GetProperty("version")} {line.GetProperty("route")} {Find(line, "inputs")} {Find(line, "outputs")} {line.GetProperty("error")}"));
        Assert.Equal(3, lines.Select(line => line.GetProperty("id").GetGuid()).Distinct().Count());
    }

    /// <summary>The role of a column travels with the profile of the training data in the model directory.</summary>
    [Fact]
    public async Task UsePayloadLog_ColumnSensitiveByTheProfile_IsNeverWritten()
    {
        var profile = await DatasetProfile.CreateAsync(
            InMemoryDataset.FromColumns("training", (new ColumnSchema("x", ElementType.Float32, ColumnRole.Sensitive), new Column<float>([1f, 2f]))), ServingFixture.Token);
        var services = Services();
        services.AddMlops().AddServing(s => s.ConfigureLoader(options => options.CacheDirectory = _fixture.Cache).AddModel<X, Y>("rides", "models:/factors@champion").UsePayloadLog(options => options.Directory = _folder));
        await _fixture.PointToAsync(1, options: new ModelSaveOptions { TimeProvider = _fixture.Time, Profile = profile });
        await using (var provider = services.BuildServiceProvider())
        {
            var host = provider.GetRequiredService<ModelHost>();
            await host.ReloadAsync("rides", ServingFixture.Token);
            await ServingFixture.PredictAsync(host.Get("rides"), 4711);
        }

        var line = Assert.Single(await File.ReadAllLinesAsync(Assert.Single(Directory.GetFiles(_folder)), ServingFixture.Token));
        Assert.Contains("\"inputs\":{},\"outputs\":{\"y\":4711,", line, StringComparison.Ordinal);
        Assert.DoesNotContain("\"x\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnLoaded_ThrowingObserver_DoesNotKeepAModelFromServing()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(null, new ThrowsWhenLoaded());
        await host.AddAsync("rides", ServingFixture.Champion, ServingFixture.Token);
        Assert.Equal(new Y(2, 1), (await ServingFixture.PredictAsync(host.Get("rides"))).Output);
        Assert.Equal(1, _fixture.Loggers.Count("ObserverFailed"));
    }

    private ServiceCollection Services()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IModelResolver>(_fixture.Resolver).AddSingleton<IArtifactStore>(_fixture.Artifacts).AddSingleton<IModelFlavor>(_fixture.Flavor).AddSingleton<TimeProvider>(_fixture.Time);
        return services;
    }

    private static string Find(JsonElement line, string name) => line.TryGetProperty(name, out var found) ? found.ToString() : "";

    private sealed class ThrowsWhenLoaded : IPredictionObserver
    {
        public void OnLoaded(HostedModel model) => throw new InvalidOperationException("a bad observer");

        public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
        {
        }

        public void OnFailed(PredictionContext context, Exception error, TimeSpan duration)
        {
        }
    }
}
