using System.Diagnostics;
using System.Globalization;
using Mlops.Models;
using Mlops.Onnx;

namespace Mlops.Benchmarks;

/// <summary>How long does a new process take until its first prediction with an ONNX model of 1 MB? Each run is a process of its own: <c>cold-start [runs]</c>.</summary>
internal static class ColdStart
{
    public const string Command = "cold-start";

    private const int Width = 500;

    public static async Task RunAsync(string[] arguments)
    {
        if (arguments is [var path, "once"])
        {
            await PredictAsync(path);
            return;
        }

        var runs = arguments is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 20;
        var model = Path.Combine(Path.GetTempPath(), $"cold-start-{Environment.ProcessId}.onnx");
        await File.WriteAllBytesAsync(model, SinglePredictionBenchmarks.Build(Width, Width, 1));
        try
        {
            var results = new List<double[]>();
            for (var run = 0; run < runs; run++) results.Add(await StartAsync(model));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ONNX model of {new FileInfo(model).Length / 1e6:F2} MB, {runs} processes:"));
            Tell("from the start of the load to the first prediction", results.ConvertAll(result => result[0]));
            Tell("from the start of the process to the first prediction", results.ConvertAll(result => result[1]));
            Tell("processor time of the process until then", results.ConvertAll(result => result[2]));
            Tell("second prediction", results.ConvertAll(result => result[3]));
        }
        finally
        {
            File.Delete(model);
        }
    }

    private static async Task PredictAsync(string path)
    {
        var start = Stopwatch.GetTimestamp();
        using var model = await OnnxModel.LoadAsync(path);
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(1);
        using var outputs = model.Signature.RentOutputs(1);
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

    private static async Task<double[]> StartAsync(string model)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") start.ArgumentList.Add(typeof(ColdStart).Assembly.Location);
        foreach (var argument in new[] { Command, model, "once" }) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return [.. line.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    private static void Tell(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: median {milliseconds[milliseconds.Count / 2]:F1} ms, least {milliseconds[0]:F1} ms, most {milliseconds[^1]:F1} ms"));
    }
}
