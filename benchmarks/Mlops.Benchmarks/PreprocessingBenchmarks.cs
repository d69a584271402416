using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Models;
using Mlops.Onnx;
using Mlops.Training;

namespace Mlops.Benchmarks;

/// <summary>What does it cost to turn one row of 20 columns (12 numbers, 6 texts, 2 dates) into features: by hand, by the managed evaluator, by ONNX Runtime?</summary>
[MemoryDiagnoser]
public class PreprocessingBenchmarks
{
    private const int Numbers = 12;
    private const int Texts = 6;
    private const int Categories = 10;

    private readonly PredictionContext _context = new();
    private readonly double[] _means = new double[Numbers];
    private readonly double[] _scales = new double[Numbers];
    private readonly Dictionary<string, int>[] _positions = new Dictionary<string, int>[Texts];
    private IPredictor _managed = null!;
    private IPredictor _onnx = null!;
    private TensorBatch _inputs = null!;
    private TensorBatch _outputs = null!;

    // The in-process toolchain does not await an asynchronous setup.
    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult();

    [Benchmark(Baseline = true)]
    public float ByHand()
    {
        var numbers = _inputs.Get<double>(0).Span;
        var features = _outputs.Get<float>(0).Span;
        features.Clear();
        for (var i = 0; i < Numbers; i++) features[i] = (float)(((double.IsNaN(numbers[i]) ? _means[i] : numbers[i]) - _means[i]) * _scales[i]);
        for (var i = 0; i < Texts; i++)
        {
            if (_positions[i].TryGetValue(_inputs.Get<string>(1 + i).Span[0], out var position)) features[Numbers + (i * Categories) + position] = 1;
        }

        for (var i = 0; i < 2; i++)
        {
            var day = _inputs.Get<long>(1 + Texts + i).Span[0];
            features[Numbers + (Texts * Categories) + (i * 7) + (int)((((day + 4) % 7) + 7) % 7)] = 1;
        }

        return features[0];
    }

    [Benchmark]
    public ValueTask Managed() => _managed.PredictAsync(_inputs, _outputs, _context);

    [Benchmark]
    public ValueTask OnnxRuntime() => _onnx.PredictAsync(_inputs, _outputs, _context);

    private async Task SetupAsync()
    {
        const int rows = 1000;
        var random = new Random(1);
        var columns = new List<(ColumnSchema, Column)>();
        for (var i = 0; i < Numbers; i++) columns.Add((new ColumnSchema($"n{i}", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())])));
        for (var i = 0; i < Texts; i++) columns.Add((new ColumnSchema($"t{i}", ElementType.String), TextColumn.FromStrings([.. Enumerable.Range(0, rows).Select(_ => $"category {random.Next(Categories)}")])));
        for (var i = 0; i < 2; i++) columns.Add((new ColumnSchema($"d{i}", ElementType.Date), new Column<DateOnly>([.. Enumerable.Range(0, rows).Select(_ => new DateOnly(2000, 1, 1).AddDays(random.Next(9000)))])));
        var data = InMemoryDataset.FromColumns("rows", columns);
        var model = (await Preprocessor.FitAsync(data)).ToModel();
        foreach (var node in model.Graph.Nodes)
        {
            if (node.Operator is ScaleOperator scale) (scale.Offsets.AsSpan()).CopyTo(_means);
            if (node.Operator is ScaleOperator scaled) (scaled.Scales.AsSpan()).CopyTo(_scales);
        }

        var encodings = model.Graph.Nodes.Select(node => node.Operator).OfType<OneHotTextOperator>().ToArray();
        for (var i = 0; i < Texts; i++) _positions[i] = encodings[i].Categories.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        _managed = model.CreatePredictor();
        _onnx = OnnxModel.Load(OnnxExporter.Export(model)).CreatePredictor();
        _inputs = model.Signature.RentInputs(1);
        _outputs = model.Signature.RentOutputs(1);
        var binding = TensorBinding.Create(model.Signature.Inputs, data.Schema);
        await foreach (var batch in data.ReadAsync(new ReadOptions { BatchRows = 1 }))
        {
            binding.Write(batch, _inputs);
            break;
        }
    }
}
