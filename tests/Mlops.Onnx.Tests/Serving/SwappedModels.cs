using System.Runtime.CompilerServices;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Serving;
using Mlops.Tracking;

namespace Mlops.Onnx.Tests.Serving;

/// <summary>A registry of versions that are real ONNX models in a real artifact store: version v gives x + v. Counts the models that are loaded and disposed.</summary>
internal sealed class SwappedModels : IModelResolver, IModelFlavor, IDisposable
{
    public const string Model = "sums";

    private readonly string _root = Directory.CreateTempSubdirectory("mlops-swaps-").FullName;
    private readonly LocalArtifactStore _artifacts;
    private readonly OnnxFlavor _onnx = new(new OnnxOptions { IntraOpThreads = 1 });
    private volatile ModelVersion? _current;
    private int _loaded;
    private int _disposed;

    public SwappedModels() => _artifacts = new LocalArtifactStore(Path.Combine(_root, "artifacts"));

    public string Name => _onnx.Name;

    public int Loaded => Volatile.Read(ref _loaded);

    public int Disposed => Volatile.Read(ref _disposed);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ModelHost CreateHost(TimeProvider? time = null)
        => new(this, new ModelLoader(_artifacts, [this], new ModelLoaderOptions { CacheDirectory = Path.Combine(_root, "cache") }), new ModelHostOptions { AutoReload = false }, timeProvider: time);

    public Task PointToAsync(int version)
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]);
        return PointToAsync(version, OnnxExporter.Export(new ModelGraph(signature, [new GraphNode(new LinearRegressorOperator([1], version), ["x"], ["y"])])));
    }

    public async Task PointToAsync(int version, byte[] onnx)
    {
        var path = Path.Combine(_root, "saved");
        using var model = OnnxModel.Load(onnx);
        var directory = await ModelDirectory.SaveAsync(path, model, cancellationToken: Token);
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
        {
            await using var content = File.OpenRead(file);
            await _artifacts.WriteAsync($"models/{version}/{Path.GetRelativePath(path, file).Replace('\\', '/')}", content, cancellationToken: Token);
        }

        Directory.Delete(path, recursive: true);
        _current = new ModelVersion(Model, version, $"models/{version}", directory.Digest, DateTimeOffset.UnixEpoch);
    }

    public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
        => Task.FromResult(_current ?? throw new EntityNotFoundException("model version", uri.ToString(), $"{uri} points nowhere."));

    public async IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return await ResolveAsync(uri, cancellationToken);
    }

    public async Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default)
    {
        var model = await _onnx.LoadAsync(source, cancellationToken);
        Interlocked.Increment(ref _loaded);
        return new CountedModel(this, (OnnxModel)model);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private sealed class CountedModel(SwappedModels models, OnnxModel model) : IModel, IDisposable
    {
        public ModelSignature Signature => model.Signature;

        public IPredictor CreatePredictor() => model.CreatePredictor();

        public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default) => model.SaveAsync(target, cancellationToken);

        public void Dispose()
        {
            model.Dispose();
            Interlocked.Increment(ref models._disposed);
        }
    }
}
