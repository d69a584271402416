using BenchmarkDotNet.Attributes;
using Mlops.Models;
using Mlops.Onnx;

namespace Mlops.Benchmarks;

/// <summary>What do 100 trees of depth 6 cost, by ONNX Runtime and by the managed evaluator, for one row and for many?</summary>
[MemoryDiagnoser]
public class TreeEnsembleBenchmarks
{
    private const int Trees = 100;
    private const int Depth = 6;
    private const int Features = 10;

    /// <summary>Each call has other rows than the last thousand: a processor that is given the same row again and again learns the way through every tree.</summary>
    private const int Batches = 1024;

    private readonly PredictionContext _context = new();
    private IPredictor _managed = null!;
    private IPredictor _onnx = null!;
    private TensorBatch[] _inputs = null!;
    private TensorBatch _outputs = null!;
    private int _call;

    [Params(1, 8, 128)]
    public int Rows { get; set; }

    /// <summary>Whether missing values are told apart, as XGBoost and LightGBM do.</summary>
    [Params(false, true)]
    public bool TracksMissing { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var bytes = TreeEnsembleModel.Build(Trees, Depth, Features, TracksMissing);
        var runtime = OnnxModel.Load(bytes);
        _onnx = runtime.CreatePredictor();
        _managed = OnnxModel.Load(bytes, new OnnxOptions { Evaluator = OnnxEvaluator.Managed }).CreatePredictor();
        _outputs = runtime.Signature.RentOutputs(Rows);
        var random = new Random(7);
        _inputs = new TensorBatch[Batches];
        for (var i = 0; i < Batches; i++)
        {
            _inputs[i] = runtime.Signature.RentInputs(Rows);
            foreach (ref var value in _inputs[i].Get<float>(0).Span) value = (random.NextSingle() * 2) - 1;
        }
    }

    [Benchmark(Baseline = true)]
    public ValueTask OnnxRuntime() => _onnx.PredictAsync(Next(), _outputs, _context);

    [Benchmark]
    public ValueTask Managed() => _managed.PredictAsync(Next(), _outputs, _context);

    private TensorBatch Next() => _inputs[_call++ % Batches];
}
