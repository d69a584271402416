using Mlops.Models;

namespace Mlops.Serving.Tests;

public sealed class ModelGenerationTests : IDisposable
{
    private readonly ServingFixture _fixture = new();
    private LoadedModel? _loaded;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task TryAcquire_Retired_FailsAndNeverDisposesAgain()
    {
        var (generation, predictor) = await CreateAsync();
        Assert.True(generation.TryAcquire());
        generation.Retire();
        for (var i = 0; i < 10; i++) Assert.False(generation.TryAcquire());
        Assert.Equal(0, predictor.Disposals);
        Assert.False(generation.Disposed.IsCompleted);
        generation.Release();
        await generation.Disposed.WaitAsync(ServingFixture.Token);
        for (var i = 0; i < 10; i++) Assert.False(generation.TryAcquire());
        await FlushThreadPoolAsync();
        Assert.Equal(1, predictor.Disposals);
    }

    [Fact]
    public async Task Retire_NobodyUsesIt_DisposesAtOnce()
    {
        var (generation, predictor) = await CreateAsync();
        Assert.True(generation.TryAcquire());
        generation.Release();
        Assert.Equal(0, predictor.Disposals);
        generation.Retire();
        await generation.Disposed.WaitAsync(ServingFixture.Token);
        Assert.Equal(1, predictor.Disposals);
    }

    [Fact]
    public async Task Retire_WhileManyAcquire_DisposesOnceAndAfterTheLastUser()
    {
        for (var round = 0; round < 200; round++)
        {
            var (generation, predictor) = await CreateAsync();
            var users = 0;
            using var start = new Barrier(5);
            var threads = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(ServingFixture.Token);
                    while (generation.TryAcquire())
                    {
                        Assert.Equal(0, predictor.Disposals);
                        Interlocked.Increment(ref users);
                        Assert.Equal(0, predictor.Disposals);
                        generation.Release();
                    }
                },
                ServingFixture.Token,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)).ToArray();
            start.SignalAndWait(ServingFixture.Token);
            SpinWait.SpinUntil(() => Volatile.Read(ref users) > 10);
            generation.Retire();
            await Task.WhenAll(threads);
            await generation.Disposed.WaitAsync(ServingFixture.Token);
            Assert.Equal(1, predictor.Disposals);
        }
    }

    [Fact]
    public async Task Disposed_ModelThrows_CompletesAndReports()
    {
        Exception? reported = null;
        var (template, _) = await CreateAsync();
        var generation = new ModelGeneration(template.Model, new FailingPredictor(template.Predictor), await LoadAsync(), (_, error) => reported = error);
        generation.Retire();
        await generation.Disposed.WaitAsync(ServingFixture.Token);
        Assert.IsType<InvalidOperationException>(reported);
    }

    private static async Task FlushThreadPoolAsync()
    {
        for (var i = 0; i < 100; i++) await Task.Yield();
    }

    private async Task<LoadedModel> LoadAsync() => await _fixture.CreateLoader().LoadAsync(await _fixture.RegisterAsync(1), ServingFixture.Token);

    private async Task<(ModelGeneration Generation, FactorPredictor Predictor)> CreateAsync()
    {
        _loaded ??= await LoadAsync();
        var predictor = (FactorPredictor)_loaded.Model.CreatePredictor();
        return (new ModelGeneration(new HostedModel("rides", _loaded.Version, predictor.Signature, _fixture.Time.GetUtcNow()), predictor, _loaded, (_, _) => { }), predictor);
    }

    private sealed class FailingPredictor(IPredictor inner) : DelegatingPredictor(inner)
    {
        protected override async ValueTask DisposeAsyncCore()
        {
            await base.DisposeAsyncCore();
            throw new InvalidOperationException("no");
        }
    }
}
