using System.Globalization;
using System.Text.Json.Nodes;
using Mlops.Models;
using Mlops.Serving;

namespace Mlops.AotTest;

internal static class ProcessChecks
{
    /// <summary>The argument that makes this program a model.</summary>
    public const string Model = "model";

    public static async Task AskAsync()
    {
        var signature = new ModelSignature([TensorSpec.Of<double>("x", 2)], [TensorSpec.Of<double>("y")]);
        await using var host = new ModelHost(new ModelLoader([]));
        await host.AddAsync("sums", ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(new ProcessPredictor(signature, new ProcessPredictorOptions { FileName = Environment.ProcessPath!, Arguments = [Model] }))));
        using var inputs = signature.RentInputs(2);
        using var outputs = signature.RentOutputs(2);
        ((ReadOnlySpan<double>)[1, 2, 3, 4]).CopyTo(inputs.Get<double>(0).Span);
        await host.Get("sums").PredictAsync(inputs, outputs, new PredictionContext());
        Check.That(outputs.Get<double>(0).Span is [3, 7]);
    }

    public static async Task<int> AnswerAsync()
    {
        Console.WriteLine("""{"protocol": 1}""");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var request = JsonNode.Parse(line)!;
            var sums = request["inputs"]!["x"]!.AsArray().Select(row => ((double)row![0]! + (double)row[1]!).ToString(CultureInfo.InvariantCulture));
            Console.WriteLine($"{{\"id\": {request["id"]}, \"outputs\": {{\"y\": [{string.Join(", ", sums.Select(sum => $"[{sum}]"))}]}}}}");
        }

        return 0;
    }
}
