using System.Diagnostics;
using System.Globalization;
using Mlops.Models;
using Mlops.Onnx;

namespace Mlops.Benchmarks;

/// <summary>
/// How long does a new process take until its first prediction with an ONNX model of 1 MB, loaded from its file or hosted from its directory? Each run is a process of its own:
/// <c>cold-start [runs] [program …]</c>, where the programs are those of Mlops.ColdStart, built or published in the ways that are to be compared.
/// </summary>
internal static class ColdStart
{
    public const string Command = "cold-start";

    private const string Program = "Mlops.ColdStart";
    private const int Width = 500;

    public static async Task RunAsync(string[] arguments)
    {
        var runs = arguments is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 20;
        var programs = arguments is [_, _, ..] ? arguments[1..] : [Path.Combine(AppContext.BaseDirectory.Replace(typeof(ColdStart).Assembly.GetName().Name!, Program, StringComparison.Ordinal), Program)];
        var folder = Directory.CreateTempSubdirectory("cold-start-").FullName;
        try
        {
            var (file, directory) = (Path.Combine(folder, "model.onnx"), Path.Combine(folder, "model"));
            await File.WriteAllBytesAsync(file, SinglePredictionBenchmarks.Build(Width, Width, 1));
            using (var model = await OnnxModel.LoadAsync(file)) await ModelDirectory.SaveAsync(directory, model);
            var (loaded, hosted) = (Array.ConvertAll(programs, _ => new List<double[]>()), Array.ConvertAll(programs, _ => new List<double[]>()));
            for (var run = 0; run < runs; run++)
            {
                for (var i = 0; i < programs.Length; i++)
                {
                    loaded[i].Add(await StartAsync(programs[i], "loaded", file));
                    hosted[i].Add(await StartAsync(programs[i], "hosted", directory));
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ONNX model of {new FileInfo(file).Length / 1e6:F2} MB, {runs} processes each, by turns:"));
            for (var i = 0; i < programs.Length; i++)
            {
                Console.WriteLine(programs[i]);
                Tell("Loaded from its file", loaded[i]);
                Tell("Hosted from its directory, digests verified and warmed up", hosted[i]);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double[]> StartAsync(string program, string how, string path)
    {
        using var process = Process.Start(new ProcessStartInfo(program, [how, path]) { RedirectStandardOutput = true })!;
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
