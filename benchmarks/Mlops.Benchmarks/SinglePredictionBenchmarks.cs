using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Models;
using Mlops.Onnx;

namespace Mlops.Benchmarks;

/// <summary>What does the prediction of one row cost over ONNX Runtime's own functions: by tensors, and by the typed face?</summary>
/// <remarks>Both floors do nothing but call these functions, one with values that are made once, the other with values made for each call, as every caller must whose memory differs from call to call.</remarks>
[MemoryDiagnoser]
public unsafe partial class SinglePredictionBenchmarks
{
    private const int Features = 10;

    private static readonly Row s_row = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    private readonly PredictionContext _context = new();
    private readonly nint[] _values = new nint[2];
    private OrtSession _session = null!;
    private IPredictor _predictor = null!;
    private IPredictor<Row, Score> _typed = null!;
    private TensorBatch _inputs = null!;
    private TensorBatch _outputs = null!;

    /// <summary>Which model.</summary>
    public enum Kind
    {
        /// <summary>A linear model.</summary>
        Linear,

        /// <summary>A perceptron with layers of 32 and 16.</summary>
        Perceptron,
    }

    [Params(Kind.Linear, Kind.Perceptron)]
    public Kind Model { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var bytes = Build(Model == Kind.Linear ? [Features, 1] : [Features, 32, 16, 1]);
        var model = OnnxModel.Load(bytes);
        _predictor = model.CreatePredictor();
        _typed = _predictor.AsTyped<Row, Score>();
        _inputs = model.Signature.RentInputs(1);
        _outputs = model.Signature.RentOutputs(1);
        s_row.Write(_inputs, 0);
        var options = new OnnxOptions();
        var library = OrtLibrary.Load(options.LibraryPath, null, "floor");
        var pinned = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(pinned, 0);
        _session = OrtSession.Create(library, pinned, options, "floor");
        _session.SetNames(["x"], [new SessionOutput("y", SessionOutputKind.Tensor, 0)]);
        _values[0] = OrtTensors.Create(library, _inputs[0]);
        _values[1] = OrtTensors.Create(library, _outputs[0]);
    }

    [Benchmark(Baseline = true)]
    public float RawValuesKept()
    {
        fixed (nint* values = _values) Run(values);
        return *(float*)_outputs[0].Address;
    }

    [Benchmark]
    public float RawValuesMade()
    {
        var api = _session.Library.Api;
        var memory = _session.Library.CpuMemory;
        var values = stackalloc nint[2];
        var shape = stackalloc long[] { 1, Features };
        _session.Library.Check(api.CreateTensorWithData(memory, (void*)_inputs[0].Address, Features * sizeof(float), shape, 2, OrtElementTypes.Float32, &values[0]));
        shape[1] = 1;
        _session.Library.Check(api.CreateTensorWithData(memory, (void*)_outputs[0].Address, sizeof(float), shape, 2, OrtElementTypes.Float32, &values[1]));
        Run(values);
        api.ReleaseValue(values[0]);
        api.ReleaseValue(values[1]);
        return *(float*)_outputs[0].Address;
    }

    [Benchmark]
    public ValueTask Tensors() => _predictor.PredictAsync(_inputs, _outputs, _context);

    [Benchmark]
    public ValueTask<Score> Typed() => _typed.PredictAsync(s_row, _context);

    private void Run(nint* values)
        => _session.Library.Check(_session.Library.Api.Run(_session.Pointer, 0, _session.InputNames, values, 1, _session.OutputNames, 1, values + 1));

    /// <summary>Dense layers of these widths, with a ReLU between them.</summary>
    internal static byte[] Build(params int[] widths)
    {
        var random = new Random(1);
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", widths[0]));
        builder.AddOutput(TensorSpec.Of<float>("y", widths[^1]));
        var value = "x";
        for (var layer = 1; layer < widths.Length; layer++)
        {
            var isLast = layer == widths.Length - 1;
            builder.AddConstant($"w{layer}", Enumerable.Range(0, widths[layer - 1]).Select(_ => Enumerable.Range(0, widths[layer]).Select(_ => random.NextSingle() - 0.5f).ToArray()).ToArray());
            builder.AddConstant($"b{layer}", Enumerable.Range(0, widths[layer]).Select(_ => random.NextSingle()).ToArray());
            builder.AddNode("Gemm", "", [value, $"w{layer}", $"b{layer}"], [isLast ? "y" : $"g{layer}"]);
            if (!isLast) builder.AddNode("Relu", "", [$"g{layer}"], [$"r{layer}"]);
            value = $"r{layer}";
        }

        return builder.Build();
    }

    [TensorRow(Tensor = "x", ElementType = ElementType.Float32)]
    public readonly partial record struct Row(float A, float B, float C, float D, float E, float F, float G, float H, float I, float J);

    [TensorRow(Tensor = "y", ElementType = ElementType.Float32)]
    public readonly partial record struct Score(float Y);
}
