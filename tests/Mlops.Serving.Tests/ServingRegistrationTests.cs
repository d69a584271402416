using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

public sealed class ServingRegistrationTests : IDisposable
{
    private const string Uri = "models:/factors@champion";
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AddServing_ApplicationStarted_InjectsPredictorsAndStopsServingAtTheEnd()
    {
        await _fixture.PointToAsync(2);
        using var app = CreateApp(s => s.AddModel<X, Y>("rides", Uri).AddModel("rides", Uri).AddModel("untyped", Uri), typeof(Worker));
        await app.StartAsync(ServingFixture.Token);

        var typed = app.Services.GetRequiredKeyedService<IPredictor<X, Y>>("rides");
        Assert.Equal(new Y(6, 2), await typed.PredictAsync(new X(3), cancellationToken: ServingFixture.Token));
        Assert.Same(app.Services.GetRequiredService<ModelHost>().Get("rides"), app.Services.GetRequiredKeyedService<IPredictor>("rides"));
        Assert.Equal("2", (await ServingFixture.PredictAsync(app.Services.GetRequiredKeyedService<IPredictor>("untyped"))).Context.ModelVersion);

        await app.StopAsync(ServingFixture.Token);
        Assert.Equal(new Y(10, 2), Assert.Single(app.Services.GetServices<IHostedService>().OfType<Worker>()).LastOutput);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => typed.PredictAsync(new X(3), cancellationToken: ServingFixture.Token).AsTask());
        Assert.All(_fixture.Flavor.Predictors, predictor => Assert.Equal(1, predictor.Disposals));
    }

    [Fact]
    public async Task AddServing_ModelCannotBeLoaded_ApplicationDoesNotStart()
    {
        using var app = CreateApp(s => s.AddModel("rides", Uri));
        await Assert.ThrowsAsync<ModelLoadException>(() => app.StartAsync(ServingFixture.Token));
    }

    [Fact]
    public async Task AddServing_TypesDoNotFit_ApplicationDoesNotStart()
    {
        await _fixture.PointToAsync(2);
        using var app = CreateApp(s => s.AddModel<X, Z>("rides", Uri));
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => app.StartAsync(ServingFixture.Token));
        Assert.Contains("its callers could not call it", error.Message, StringComparison.Ordinal);
        Assert.Contains("Correct the types of rows: [TensorColumn(", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddServing_ModelsNotRequiredAtStart_RejectsUntilModelIsThere()
    {
        using var app = CreateApp(s => s.AddModel<X, Y>("rides", Uri).Configure(options => options.RequireModelsAtStart = false));
        await app.StartAsync(ServingFixture.Token);
        var typed = app.Services.GetRequiredKeyedService<IPredictor<X, Y>>("rides");
        var error = await Assert.ThrowsAsync<PredictionRejectedException>(() => typed.PredictAsync(new X(3), cancellationToken: ServingFixture.Token).AsTask());
        Assert.NotNull(error.RetryAfter);

        await _fixture.PointToAsync(2);
        var host = app.Services.GetRequiredService<ModelHost>();
        await _fixture.UntilAsync(() => host.GetModel("rides") is not null);
        Assert.Equal(new Y(6, 2), await typed.PredictAsync(new X(3), cancellationToken: ServingFixture.Token));
        await app.StopAsync(ServingFixture.Token);
    }

    [Fact]
    public async Task AddServing_WithoutTracking_ErrorNamesTheCall()
    {
        var services = new ServiceCollection();
        services.AddMlops().AddServing(s => s.AddModel("rides", Uri));
        await using var provider = services.BuildServiceProvider();
        var error = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<ModelHost>());
        Assert.Contains("AddTracking", error.Message, StringComparison.Ordinal);
        Assert.Contains("AddTracking", Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IModelLoader>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddServing_ModelsOfADirectoryOnly_NeedNoTracking()
    {
        await _fixture.SaveAsync("model", 2);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IModelFlavor>(_fixture.Flavor);
        builder.Services.AddMlops().AddServing(s => s
            .ConfigureLoader(options => options.CacheDirectory = _fixture.Cache)
            .AddModel<X, Y>("rides", ModelSource.FromDirectory(_fixture.PathOf("model")))
            .AddModel("untyped", ModelSource.FromDirectory(_fixture.PathOf("model"))));
        using var app = builder.Build();
        await app.StartAsync(ServingFixture.Token);
        Assert.Equal(new Y(6, 2), await app.Services.GetRequiredKeyedService<IPredictor<X, Y>>("rides").PredictAsync(new X(3), cancellationToken: ServingFixture.Token));
        Assert.Equal("1", (await ServingFixture.PredictAsync(app.Services.GetRequiredKeyedService<IPredictor>("untyped"))).Context.ModelVersion);
        await app.StopAsync(ServingFixture.Token);
    }

    [Fact]
    public void AddModel_NameServedFromAnotherAddress_Throws()
    {
        var builder = new ServingBuilder(new ServiceCollection()).AddModel("rides", Uri);
        Assert.Throws<ArgumentException>(() => builder.AddModel("rides", "models:/factors/7"));
        Assert.Throws<ArgumentException>(() => builder.AddModel("rides", ModelSource.FromDirectory("model")));
        Assert.Throws<FormatException>(() => builder.AddModel("rides", "factors"));
        Assert.Throws<FormatException>(() => builder.AddModel("ri/des", Uri));
    }

    [Fact]
    public void AddServing_CalledAgain_AddsToTheSameHost()
    {
        var services = new ServiceCollection();
        services.AddMlops().AddServing(s => s.AddModel("one", Uri)).AddServing(s => s.AddModel("two", Uri));
        Assert.Single(services, service => service.ServiceType == typeof(ModelHost));
        Assert.Single(services, service => service.ServiceType == typeof(IHostedService));
    }

    private IHost CreateApp(Action<ServingBuilder> configure, Type? worker = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(_fixture.Time);
        builder.Services.AddSingleton<IModelResolver>(_fixture.Resolver);
        builder.Services.AddSingleton<IArtifactStore>(_fixture.Artifacts);
        builder.Services.AddSingleton<IModelFlavor>(_fixture.Flavor);
        if (worker is not null) builder.Services.AddSingleton(typeof(IHostedService), worker);
        // The clock is moved by hours while a real load goes on.
        builder.Services.AddMlops().AddServing(s => configure(s.Configure(options => options.LoadTimeout = Timeout.InfiniteTimeSpan).ConfigureLoader(options => options.CacheDirectory = _fixture.Cache)));
        return builder.Build();
    }

    /// <summary>Is made before any model is loaded, and predicts a last time while the application stops, after the host's own turn.</summary>
    private sealed class Worker([FromKeyedServices("rides")] IPredictor<X, Y> predictor) : IHostedService
    {
        public Y LastOutput { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken) => LastOutput = await predictor.PredictAsync(new X(5), cancellationToken: cancellationToken);
    }
}
