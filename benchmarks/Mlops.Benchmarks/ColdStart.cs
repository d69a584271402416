using System.Diagnostics;
using System.Globalization;
using Mlops.Models;
using Mlops.Onnx;
using Mlops.Serving;

namespace Mlops.Benchmarks;

/// <summary>How long does a new process take until its first prediction with an ONNX model of 1 MB, loaded from its file or hosted from its directory? Each run is a process of its own: <c>cold-start [runs]</c>.</summary>
internal static class ColdStart
{
    public const string Command = "cold-start";

    private const string Loaded = "loaded";
    private const string Hosted = "hosted";
    private const int Width = 500;

    public static async Task RunAsync(string[] arguments)
    {
        if (arguments is [var path, Loaded or Hosted])
        {
            await (arguments[1] == Hosted ? PredictHostedAsync(path) : PredictLoadedAsync(path));
            return;
        }

        var runs = arguments is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 20;
        var folder = Directory.CreateTempSubdirectory("cold-start-").FullName;
        try
        {
            var (file, directory) = (Path.Combine(folder, "model.onnx"), Path.Combine(folder, "model"));
            await File.WriteAllBytesAsync(file, SinglePredictionBenchmarks.Build(Width, Width, 1));
            using (var model = await OnnxModel.LoadAsync(file)) await ModelDirectory.SaveAsync(directory, model);
            var (loaded, hosted) = (new List<double[]>(), new List<double[]>());
            for (var run = 0; run < runs; run++)
            {
                loaded.Add(await StartAsync(file, Loaded));
                hosted.Add(await StartAsync(directory, Hosted));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ONNX model of {new FileInfo(file).Length / 1e6:F2} MB, {runs} processes each, by turns:"));
            Tell("Loaded from its file", loaded);
            Tell("Hosted from its directory, digests verified and warmed up", hosted);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task PredictLoadedAsync(string path)
    {
        var start = Stopwatch.GetTimestamp();
        using var model = await OnnxModel.LoadAsync(path);
        await using var predictor = model.CreatePredictor();
        await PredictAsync(predictor, start);
    }

    private static async Task PredictHostedAsync(string path)
    {
        var start = Stopwatch.GetTimestamp();
        await using var host = new ModelHost(new ModelLoader([new OnnxFlavor()]));
        await host.AddAsync("network", ModelSource.FromDirectory(path));
        await PredictAsync(host.Get("network"), start);
    }

    private static async Task PredictAsync(IPredictor predictor, long start)
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

    private static async Task<double[]> StartAsync(string path, string how)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") start.ArgumentList.Add(typeof(ColdStart).Assembly.Location);
        foreach (var argument in new[] { Command, path, how }) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return [.. line.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
    }

    private static void Tell(string how, List<double[]> results)
    {
        Console.WriteLine($"  {how}");
        Tell("from the start of the load to the first prediction", results.ConvertAll(result => result[0]));
        Tell("from the start of the process to the first prediction", results.ConvertAll(result => result[1]));
        Tell("processor time of the process until then", results.ConvertAll(result => result[2]));
        Tell("second prediction", results.ConvertAll(result => result[3]));
    }

    private static void Tell(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {what}: median {milliseconds[milliseconds.Count / 2]:F1} ms, least {milliseconds[0]:F1} ms, most {milliseconds[^1]:F1} ms"));
    }
}
