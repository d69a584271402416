using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.Artifacts;
using Mlops.Data;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving.Tests.Batching;

public sealed class BatchedHostTests : IDisposable
{
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AddModel_UseBatching_BatchesBelowWhatIsMeasuredAndObserved()
    {
        await _fixture.PointToAsync(2);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IModelResolver>(_fixture.Resolver);
        builder.Services.AddSingleton<IArtifactStore>(_fixture.Artifacts);
        builder.Services.AddSingleton<IModelFlavor>(_fixture.Flavor);
        builder.Services.AddMlops().AddServing(s => s
            .ConfigureLoader(options => options.CacheDirectory = _fixture.Cache)
            .AddModel<X, Y>("rides", "models:/factors@champion", model => model.UseBatching(batching => (batching.MaxBatchRows, batching.WorkerCount) = (16, 1))));
        using var app = builder.Build();
        await app.StartAsync(ServingFixture.Token);
        var typed = app.Services.GetRequiredKeyedService<IPredictor<X, Y>>("rides");
        var host = app.Services.GetRequiredService<ModelHost>();
        Assert.NotNull(host.Get("rides").GetService<BatchingPredictor>());
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforePredict = _ => gate.Task;
        var outputs = Enumerable.Range(0, 20).Select(i => typed.PredictAsync(new X(i), new PredictionContext(), ServingFixture.Token).AsTask()).ToArray();
        Assert.Equal(19, host.Get("rides").GetService<BatchingPredictor>()!.GetStatus().WaitingRows);
        gate.SetResult();
        for (var i = 0; i < outputs.Length; i++) Assert.Equal(new Y(2 * i, 2), await outputs[i]);
        await app.StopAsync(ServingFixture.Token);
    }

    [Fact]
    public async Task ReloadAsync_WhileCallersAreBatched_NoneFailsAndNoBatchMixesVersions()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync("rides", ServingFixture.Champion, new HostedModelOptions().UseBatching(batching => batching.WorkerCount = 1), ServingFixture.Token);
        _fixture.Flavor.BeforePredict = async _ => await Task.Yield();
        using var stopping = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            var answers = 0;
            for (var i = 0; !stopping.IsCancellationRequested; i++, answers++)
            {
                var (output, context) = await ServingFixture.PredictAsync(host.Get("rides"), (caller * 1000) + (i % 1000));
                Assert.Equal(((caller * 1000) + (i % 1000)) * output.Factor, output.Value);
                Assert.Equal(context.ModelVersion, FormattableString.Invariant($"{output.Factor}"));
            }

            return answers;
        })).ToArray();
        for (var version = 2; version <= 10; version++)
        {
            await _fixture.PointToAsync(version);
            await host.ReloadAsync("rides", ServingFixture.Token);
        }

        await stopping.CancelAsync();
        Assert.All(await Task.WhenAll(callers), answers => Assert.True(answers > 0));
        await host.DisposeAsync();
        Assert.All(_fixture.Flavor.Predictors, predictor => Assert.Equal((1, 0), (predictor.Disposals, predictor.Violations)));
    }

    [Fact]
    public async Task AddAsync_ModelCannotBeBatched_IsRefusedAndDisposed()
    {
        var version = await _fixture.RegisterAsync(1, new SingleRowModel());
        _fixture.Resolver.Point(version);
        await using var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(new SingleRowFlavor()), new ModelHostOptions { AutoReload = false, WarmUp = false });
        var options = new HostedModelOptions().UseBatching();
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync("rides", ServingFixture.Champion, options, ServingFixture.Token));
        Assert.Contains("cannot be batched: the input x", error.Message, StringComparison.Ordinal);
        await host.AddAsync("rides", ServingFixture.Champion, ServingFixture.Token);
    }

    [Fact]
    public void AddModel_OptionOutOfRange_Throws()
        => Assert.Throws<ArgumentOutOfRangeException>(() => new ServingBuilder(new ServiceCollection()).AddModel("rides", "models:/factors@champion", model => model.UseBatching(batching => batching.MaxBatchRows = 0)));

    private sealed class SingleRowModel : IModel
    {
        public ModelSignature Signature { get; } = new([new TensorSpec("x", ElementType.Float32, [1, 1])], [TensorSpec.Of<float>("y"), TensorSpec.Of<float>("factor")]);

        public IPredictor CreatePredictor() => new FactorPredictor(Signature, 1, null);

        public async Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
        {
            await target.WriteFileAsync("data/single.txt", Encoding.UTF8.GetBytes("1"), cancellationToken);
            target.AddFlavor("single", new Dictionary<string, object?> { ["data"] = "data/single.txt" });
        }
    }

    private sealed class SingleRowFlavor : IModelFlavor
    {
        public string Name => "single";

        public Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default) => Task.FromResult<IModel>(new SingleRowModel());
    }
}
