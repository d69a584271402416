using Mlops.Models;

namespace Mlops.Serving.Tests;

public sealed class MemorySourceTests : IDisposable
{
    private const string Name = "rides";
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task FromModel_Instance_StaysTheCallers()
    {
        var model = new OwnedModel(_fixture.Flavor);
        await using (var host = new ModelHost(_fixture.CreateLoader(), timeProvider: _fixture.Time))
        {
            var hosted = await host.AddAsync(Name, ModelSource.FromModel(model, version: 7), cancellationToken: ServingFixture.Token);
            Assert.Equal((Name, 7, ""), (hosted.Version.Name, hosted.Version.Version, hosted.Digest));
            Assert.Null(hosted.Profile);
            var (output, context) = await ServingFixture.PredictAsync(host.Get(Name));
            Assert.Equal((5f, "7"), (output.Factor, context.ModelVersion));
            Assert.Same(hosted, await host.ReloadAsync(Name, ServingFixture.Token));
        }

        Assert.False(model.IsDisposed);
        Assert.Equal(1, Assert.Single(_fixture.Flavor.Predictors).Disposals);
    }

    [Fact]
    public async Task FromModel_Function_ModelIsDisposed()
    {
        var model = new OwnedModel(_fixture.Flavor);
        await using (var host = new ModelHost(_fixture.CreateLoader()))
            await host.AddAsync(Name, ModelSource.FromModel(_ => Task.FromResult<IModel>(model)), cancellationToken: ServingFixture.Token);
        Assert.True(model.IsDisposed);
    }

    [Fact]
    public async Task FromPredictor_Function_PredictorIsDisposedOnce()
    {
        var predictor = (FactorPredictor)new FactorModel(2).CreatePredictor();
        await using (var host = new ModelHost(_fixture.CreateLoader()))
        {
            await host.AddAsync(Name, ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(predictor)), cancellationToken: ServingFixture.Token);
            Assert.Equal(new Y(6, 2), await host.GetTyped<X, Y>(Name).PredictAsync(new X(3), cancellationToken: ServingFixture.Token));
        }

        Assert.Equal(1, predictor.Disposals);
    }

    [Fact]
    public async Task FromPredictor_FunctionFails_ThrowsWithTheCause()
    {
        await using var host = new ModelHost(_fixture.CreateLoader());
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync(Name, ModelSource.FromPredictor(_ => throw new FormatException("no program")), cancellationToken: ServingFixture.Token));
        Assert.IsType<FormatException>(error.InnerException);
        Assert.Contains("no program", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAsync_RegistryWithoutAResolver_SaysWhatIsMissing()
    {
        await using var host = new ModelHost(_fixture.CreateLoader());
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token));
        Assert.Contains("has no registry", error.Message, StringComparison.Ordinal);
        var version = await _fixture.RegisterAsync(1);
        var load = await Assert.ThrowsAsync<ModelLoadException>(() => new ModelLoader([_fixture.Flavor], new ModelLoaderOptions { CacheDirectory = _fixture.Cache }).LoadAsync(version, ServingFixture.Token));
        Assert.Contains("artifact store", load.Message, StringComparison.Ordinal);
    }

    private sealed class OwnedModel(FactorFlavor flavor) : IModel, IDisposable
    {
        private readonly FactorModel _model = new(5, flavor);

        public bool IsDisposed { get; private set; }

        public ModelSignature Signature => _model.Signature;

        public IPredictor CreatePredictor() => _model.CreatePredictor();

        public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Dispose() => IsDisposed = true;
    }
}
