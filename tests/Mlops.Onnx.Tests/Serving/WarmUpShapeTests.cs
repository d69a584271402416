using System.Collections.Concurrent;
using Mlops.Data;
using Mlops.Models;
using Mlops.Serving;

namespace Mlops.Onnx.Tests.Serving;

/// <summary>ONNX models whose inputs have an open width besides their rows.</summary>
public sealed class WarmUpShapeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlops-warm-up-").FullName;
    private readonly ConcurrentQueue<string> _shapes = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task AddAsync_ShapesDeclared_PredictsEachBeforeItServes()
    {
        await using var host = await ServeAsync(new HostedModelOptions { WarmUpRows = [1, 8], WarmUpShapes = [new() { Inputs = { ["x"] = [128] } }, new() { Rows = 2, Inputs = { ["x"] = [512] } }] });
        Assert.Equal(["1 × 128", "8 × 128", "2 × 512"], _shapes);
        var predictor = host.Get("identity");
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        inputs[0].Resize(1, 3);
        inputs.Get<long>(0).Span.Fill(7);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal([7, 7, 7], outputs.Get<long>(0).Span.ToArray());
    }

    [Fact]
    public async Task AddAsync_NothingDeclared_PredictsNothing()
    {
        await using var host = await ServeAsync(new HostedModelOptions { WarmUpRows = [1, 8] });
        Assert.Empty(_shapes);
    }

    [Fact]
    public async Task AddAsync_ShapeLeavesAWidthOpen_IsRefusedAndNamesTheInput()
    {
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => ServeAsync(new HostedModelOptions { WarmUpShapes = [new() { Rows = 8 }] }));
        Assert.Contains("WarmUpShapes[0] is no shape of its inputs: it does not say the sizes that the input x: Int64[?, ?] leaves open", error.Message, StringComparison.Ordinal);
    }

    private async Task<ModelHost> ServeAsync(HostedModelOptions options)
    {
        using (var model = OnnxModel.Load(TinyModels.Identity(ElementType.Int64, -1, -1))) await ModelDirectory.SaveAsync(_root, model, cancellationToken: Token);
        var host = new ModelHost(new ModelLoader([new WatchedFlavor(_shapes)]), new ModelHostOptions { AutoReload = false });
        try
        {
            await host.AddAsync("identity", ModelSource.FromDirectory(_root), options, Token);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private sealed class WatchedFlavor(ConcurrentQueue<string> shapes) : IModelFlavor
    {
        private readonly OnnxFlavor _onnx = new();

        public string Name => _onnx.Name;

        public async Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default)
        {
            using var model = (OnnxModel)await _onnx.LoadAsync(source, cancellationToken);
            return new PredictorModel(new Watched(model.CreatePredictor(), shapes));
        }
    }

    private sealed class Watched(IPredictor inner, ConcurrentQueue<string> shapes) : DelegatingPredictor(inner)
    {
        public override ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            shapes.Enqueue(string.Join(" × ", inputs[0].Shape.ToArray()));
            return InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);
        }
    }
}
