using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Models;
using Mlops.Onnx;
using Mlops.Training;

namespace Mlops.Benchmarks;

/// <summary>What does a prediction cost, by ONNX Runtime and by the managed evaluator, for one row and for many?</summary>
[MemoryDiagnoser]
public class PredictionBenchmarks
{
    private readonly PredictionContext _context = new();
    private IPredictor _managed = null!;
    private IPredictor _onnx = null!;
    private IPredictor _managedOnnx = null!;
    private TensorBatch _inputs = null!;
    private TensorBatch _outputs = null!;

    [Params(1, 8, 128)]
    public int Rows { get; set; }

    // The in-process toolchain does not await an asynchronous setup.
    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    private async Task SetupAsync()
    {
        var data = (await CsvDataset.OpenAsync(Path.Combine(AppContext.BaseDirectory, "data", "chicago.csv"))).WithRole("ridership", ColumnRole.Label).WithRole("date", ColumnRole.Time);
        var model = (IGraphModel)await new RidgeTrainer().TrainAsync(new TrainingContext(data));
        _managed = model.CreatePredictor();
        _onnx = OnnxModel.Load(OnnxExporter.Export(model)).CreatePredictor();
        _managedOnnx = OnnxModel.Load(OnnxExporter.Export(model), new OnnxOptions { Evaluator = OnnxEvaluator.Managed }).CreatePredictor();
        _inputs = model.Signature.RentInputs(Rows);
        _outputs = model.Signature.RentOutputs(Rows);
        var binding = TensorBinding.Create(model.Signature.Inputs, data.Schema);
        await foreach (var batch in data.ReadAsync(new ReadOptions { BatchRows = Rows }))
        {
            binding.Write(batch, _inputs);
            break;
        }
    }

    [Benchmark(Baseline = true)]
    public ValueTask OnnxRuntime() => _onnx.PredictAsync(_inputs, _outputs, _context);

    [Benchmark]
    public ValueTask Managed() => _managed.PredictAsync(_inputs, _outputs, _context);

    /// <summary>The exported model, by the managed evaluator of ONNX models.</summary>
    [Benchmark]
    public ValueTask ManagedOnnx() => _managedOnnx.PredictAsync(_inputs, _outputs, _context);
}
