using BenchmarkDotNet.Attributes;
using Mlops.Models;
using Mlops.Onnx;
using Mlops.Serving;

namespace Mlops.Benchmarks;

/// <summary>What does batching gain where many callers ask at once, and what does it cost where only one does?</summary>
/// <remarks>
/// A network of 20 numbers, two layers and one output through ONNX Runtime. Each caller asks for one row after the other, and comes back to the pool of threads between them,
/// as the request of a web server does. One operation is one row.
/// </remarks>
[MemoryDiagnoser]
public class BatchingBenchmarks
{
    private const int Rows = 20_480;
    private const int Width = 20;

    private IPredictor _direct = null!;
    private IPredictor _batched = null!;
    private TensorBatch[] _inputs = null!;
    private TensorBatch[] _outputs = null!;
    private PredictionContext[] _contexts = null!;

    [Params(1, 64, 512)]
    public int Callers { get; set; }

    /// <summary>The units of a layer: of a small network the time is that of the call, of the larger one that of the multiplications, which batching saves less of.</summary>
    [Params(64, 256)]
    public int Units { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var model = OnnxModel.Load(CreateNetwork(Units));
        _direct = model.CreatePredictor();
        _batched = new PredictorBuilder(model.CreatePredictor()).UseBatching().Build();
        _inputs = [.. Enumerable.Range(0, Callers).Select(_ => model.Signature.RentInputs(1))];
        _outputs = [.. Enumerable.Range(0, Callers).Select(_ => model.Signature.RentOutputs(1))];
        _contexts = [.. Enumerable.Range(0, Callers).Select(_ => new PredictionContext())];
        foreach (var input in _inputs) input.Get<float>(0).Span.Fill(0.5f);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Rows)]
    public Task Direct() => RunAsync(_direct);

    [Benchmark(OperationsPerInvoke = Rows)]
    public Task Batched() => RunAsync(_batched);

    private Task RunAsync(IPredictor predictor)
    {
        var callers = new Task[Callers];
        for (var caller = 0; caller < callers.Length; caller++)
        {
            var own = caller;
            callers[caller] = Task.Run(() => CallAsync(predictor, own));
        }

        return Task.WhenAll(callers);
    }

    private async Task CallAsync(IPredictor predictor, int caller)
    {
        for (var i = Rows / Callers; i > 0; i--)
        {
            var task = predictor.PredictAsync(_inputs[caller], _outputs[caller], _contexts[caller]);
            var wasSynchronous = task.IsCompleted;
            await task.ConfigureAwait(false);
            if (wasSynchronous && Callers > 1) await Task.Yield();
        }
    }

    private static byte[] CreateNetwork(int hidden)
    {
        var random = new Random(1);
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", Width));
        builder.AddOutput(TensorSpec.Of<float>("y"));
        AddLayer("x", "a", Width, hidden);
        builder.AddNode("Relu", "", ["a"], ["b"]);
        AddLayer("b", "c", hidden, hidden);
        builder.AddNode("Relu", "", ["c"], ["d"]);
        AddLayer("d", "y", hidden, 1);
        return builder.Build();

        void AddLayer(string from, string to, int width, int units)
        {
            builder.AddConstant($"{to}_weights", [.. Enumerable.Range(0, width).Select(_ => Enumerable.Range(0, units).Select(_ => (float)(random.NextDouble() - 0.5) / width).ToArray())]);
            builder.AddConstant($"{to}_bias", new float[units]);
            builder.AddNode("Gemm", "", [from, $"{to}_weights", $"{to}_bias"], [to]);
        }
    }
}
