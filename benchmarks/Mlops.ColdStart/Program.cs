using System.Diagnostics;
using System.Globalization;
using Mlops.Models;
using Mlops.Onnx;
using Mlops.Serving;

// One cold start: "loaded model.onnx", or "hosted directory". Tells four times in milliseconds: from the start of the load to the first prediction, the same from the start of the process,
// the processor time until then, and the second prediction.
var start = Stopwatch.GetTimestamp();
if (args is ["loaded", var file])
{
    using var model = await OnnxModel.LoadAsync(file);
    await using var predictor = model.CreatePredictor();
    await PredictAsync(predictor);
}
else if (args is ["hosted", var directory])
{
    await using var host = new ModelHost(new ModelLoader([new OnnxFlavor()]));
    await host.AddAsync("network", ModelSource.FromDirectory(directory));
    await PredictAsync(host.Get("network"));
}
else
{
    throw new ArgumentException("Say what is to be measured: 'loaded' and a file, or 'hosted' and a model directory.");
}

async Task PredictAsync(IPredictor predictor)
{
    using var inputs = predictor.Signature.RentInputs(1);
    using var outputs = predictor.Signature.RentOutputs(1);
    inputs.Get<float>(0).Span.Fill(1);
    await predictor.PredictAsync(inputs, outputs, new PredictionContext());
    var loaded = Stopwatch.GetElapsedTime(start);
    using var process = Process.GetCurrentProcess();
    var (started, used) = (DateTime.Now - process.StartTime, process.TotalProcessorTime);
    start = Stopwatch.GetTimestamp();
    await predictor.PredictAsync(inputs, outputs, new PredictionContext());
    var second = Stopwatch.GetElapsedTime(start);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{loaded.TotalMilliseconds:R} {started.TotalMilliseconds:R} {used.TotalMilliseconds:R} {second.TotalMilliseconds:R}"));
}
