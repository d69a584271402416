using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Benchmarks;

/// <summary>What does the typed face cost over raw tensors, with rows that are generated or written by hand, and what do names and values cost? The model only adds ten numbers, so that nothing else is seen.</summary>
[MemoryDiagnoser]
public partial class TypedRowBenchmarks
{
    private static readonly ByHand s_byHand = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    private static readonly Generated s_generated = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    private static readonly Apart s_apart = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    private readonly PredictionContext _context = new();
    private readonly Sum _one = new(new ModelSignature(Generated.Tensors, Total.Tensors));
    private readonly Sum _ten = new(new ModelSignature(Apart.Tensors, Total.Tensors));
    private readonly Dictionary<string, object?> _named = Enumerable.Range(0, 10).ToDictionary(i => $"{(char)('A' + i)}", i => (object?)(i + 1f));
    private IPredictor<ByHand, Total> _handTyped = null!;
    private IPredictor<Generated, Total> _generatedTyped = null!;
    private IPredictor<Apart, Total> _apartTyped = null!;

    [GlobalSetup]
    public void Setup() => (_handTyped, _generatedTyped, _apartTyped) = (_one.AsTyped<ByHand, Total>(), _one.AsTyped<Generated, Total>(), _ten.AsTyped<Apart, Total>());

    [Benchmark(Baseline = true)]
    public async ValueTask<float> RawTensors()
    {
        using var inputs = _one.Signature.RentInputs(1);
        using var outputs = _one.Signature.RentOutputs(1);
        for (var i = 0; i < 10; i++) inputs.Get<float>(0).Span[i] = i + 1;
        await _one.PredictAsync(inputs, outputs, _context);
        return outputs.Get<float>(0).Span[0];
    }

    [Benchmark]
    public ValueTask<Total> WrittenByHand() => _handTyped.PredictAsync(s_byHand, _context);

    [Benchmark]
    public ValueTask<Total> GeneratedOneTensor() => _generatedTyped.PredictAsync(s_generated, _context);

    [Benchmark]
    public ValueTask<Total> GeneratedTenTensors() => _apartTyped.PredictAsync(s_apart, _context);

    [Benchmark]
    public ValueTask<IReadOnlyDictionary<string, object>> NamesAndValues() => _one.PredictAsync(_named, _context);

    private readonly record struct ByHand(float A, float B, float C, float D, float E, float F, float G, float H, float I, float J) : ITensorRow<ByHand>
    {
        public static IReadOnlyList<TensorSpec> Tensors { get; } = [TensorSpec.Of<float>("input", 10, "A", "B", "C", "D", "E", "F", "G", "H", "I", "J")];

        public static ByHand Read(TensorBatch batch, int row)
        {
            var values = batch.Get<float>(0).GetRow(row);
            return new(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8], values[9]);
        }

        public void Write(TensorBatch batch, int row) => batch.Get<float>(0).WriteRow(row, [A, B, C, D, E, F, G, H, I, J]);
    }

    [TensorRow(Tensor = "input", ElementType = ElementType.Float32)]
    private readonly partial record struct Generated(float A, float B, float C, float D, float E, float F, float G, float H, float I, float J);

    [TensorRow]
    private readonly partial record struct Apart(float A, float B, float C, float D, float E, float F, float G, float H, float I, float J);

    [TensorRow]
    public readonly partial record struct Total([TensorColumn("sum")] float Value);

    private sealed class Sum(ModelSignature signature) : IPredictor
    {
        public ModelSignature Signature => signature;

        public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            var sum = 0f;
            for (var slot = 0; slot < inputs.Count; slot++)
            {
                foreach (var value in inputs.Get<float>(slot).Span) sum += value;
            }

            outputs.Get<float>(0).Span[0] = sum;
            return ValueTask.CompletedTask;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
