using System.Runtime.CompilerServices;
using Mlops.Models;
using Mlops.Serving;
using Mlops.Tracking;

namespace Mlops.Benchmarks;

/// <summary>A host of one model that does next to nothing, so that only what is around it is measured.</summary>
internal sealed class HostedFactor : IModelResolver, IModelLoader
{
    public static readonly ModelSignature Signature = new([TensorSpec.Of<float>("x", 10)], [TensorSpec.Of<float>("y")]);

    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"mlops-benchmarks-{Ids.Create(TimeProvider.System)}");

    /// <summary>Makes the host.</summary>
    /// <param name="observers">Who is told of predictions.</param>
    public Task<ModelHost> CreateAsync(params IPredictionObserver[] observers) => CreateAsync(new ModelHostOptions { AutoReload = false }, observers);

    /// <summary>Makes the host.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="observers">Who is told of predictions.</param>
    public async Task<ModelHost> CreateAsync(ModelHostOptions options, params IPredictionObserver[] observers)
    {
        var host = new ModelHost(this, this, options, observers);
        await host.AddAsync("factor", ModelUri.Parse("models:/factor@champion"));
        return host;
    }

    public async Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(_directory)) await ModelDirectory.SaveAsync(_directory, new Empty(), cancellationToken: cancellationToken);
        var directory = await ModelDirectory.OpenAsync(_directory, cancellationToken);
        return new ModelVersion("factor", 1, _directory, directory.Digest, TimeProvider.System.GetUtcNow());
    }

    public async IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return await ResolveAsync(uri, cancellationToken);
    }

    public async Task<LoadedModel> LoadAsync(ModelVersion version, CancellationToken cancellationToken = default)
        => new(version, await ModelDirectory.OpenAsync(_directory, cancellationToken), new Empty());

    /// <summary>The predictor itself: adds ten numbers.</summary>
    public sealed class Sum : IPredictor
    {
        public ModelSignature Signature => HostedFactor.Signature;

        public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            var sum = 0f;
            foreach (var value in inputs.Get<float>(0).Span) sum += value;
            outputs.Get<float>(0).Span[0] = sum;
            return ValueTask.CompletedTask;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Empty : IModel
    {
        public ModelSignature Signature => HostedFactor.Signature;

        public IPredictor CreatePredictor() => new Sum();

        public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
        {
            target.AddFlavor("sum", new Dictionary<string, object?>());
            return Task.CompletedTask;
        }
    }
}
