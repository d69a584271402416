using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Models;
using Mlops.Onnx;
using Mlops.Tests;

namespace Mlops.Benchmarks;

/// <summary>What do ensembles of trees cost, by ONNX Runtime and by the managed evaluator, for one row and for many?</summary>
[MemoryDiagnoser]
public class TreeEnsembleBenchmarks
{
    /// <summary>Each call has other rows than the last thousand: a processor that is given the same row again and again learns the way through every tree.</summary>
    private const int Batches = 1024;

    private readonly PredictionContext _context = new();
    private IPredictor _managed = null!;
    private IPredictor _onnx = null!;
    private IPredictor _parallel = null!;
    private TensorBatch[] _inputs = null!;
    private TensorBatch _outputs = null!;
    private int _call;

    /// <summary>Which ensemble.</summary>
    public enum Kind
    {
        /// <summary>100 trees of depth 6 with one score.</summary>
        Regressor,

        /// <summary>100 trees of depth 6 with one score, where half of the nodes send missing values to their true branch, as those of XGBoost and LightGBM may.</summary>
        MissingTracked,

        /// <summary>100 trees of depth 6 with a score for each of four classes at every leaf.</summary>
        FourClasses,

        /// <summary>100 trees of depth 6 with a score for one of four classes each, as those of boosting.</summary>
        Boosted,

        /// <summary>20 trees of depth 5 with one score.</summary>
        Small,

        /// <summary>100 trees of depth 10 with one score: leaves by the thousand, as those of random forests.</summary>
        Deep,

        /// <summary>100 trees of depth 6 with one score, in double precision.</summary>
        Doubles,
    }

    [Params(1, 8, 32, 128)]
    public int Rows { get; set; }

    [ParamsAllValues]
    public Kind Ensemble { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var options = new RandomTreesOptions { Trees = 100, Depth = 6, Features = 10, EarlyLeaves = 0 };
        options = Ensemble switch
        {
            Kind.MissingTracked => options with { Modes = "BRANCH_LT", TracksMissing = 0.5 },
            Kind.FourClasses => options with { Classes = 4, PostTransform = "SOFTMAX" },
            Kind.Boosted => options with { Classes = 4, PostTransform = "SOFTMAX", Weights = "one" },
            Kind.Small => options with { Trees = 20, Depth = 5 },
            Kind.Deep => options with { Depth = 10 },
            Kind.Doubles => options with { Type = ElementType.Float64, AsTensors = true },
            _ => options,
        };
        var bytes = new RandomTrees(options).Build();
        var runtime = OnnxModel.Load(bytes);
        _onnx = runtime.CreatePredictor();
        _parallel = OnnxModel.Load(bytes, new OnnxOptions { IntraOpThreads = Environment.ProcessorCount }).CreatePredictor();
        _managed = OnnxModel.Load(bytes, new OnnxOptions { Evaluator = OnnxEvaluator.Managed }).CreatePredictor();
        _outputs = runtime.Signature.RentOutputs(Rows);
        _inputs = new TensorBatch[Batches];
        for (var i = 0; i < Batches; i++)
        {
            _inputs[i] = runtime.Signature.RentInputs(Rows);
            RandomTrees.Fill(_inputs[i], i);
        }
    }

    [Benchmark(Baseline = true)]
    public ValueTask OnnxRuntime() => _onnx.PredictAsync(Next(), _outputs, _context);

    /// <summary>With as many threads as there are processors, which ONNX Runtime uses for many rows or trees.</summary>
    [Benchmark]
    public ValueTask OnnxRuntimeParallel() => _parallel.PredictAsync(Next(), _outputs, _context);

    [Benchmark]
    public ValueTask Managed() => _managed.PredictAsync(Next(), _outputs, _context);

    private TensorBatch Next() => _inputs[_call++ % Batches];
}
