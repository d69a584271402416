using System.Globalization;
using Mlops.Models;
using Mlops.Serving;
using Mlops.Serving.Worker;

// A model in a process of its own, well-behaved or not; a host of one; and a writer of payload logs that is killed.
switch (args[0])
{
    case "model":
        await AnsweringModel.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput());
        break;
    case "host":
        await HostAsync();
        break;
    case "payloads":
        await WritePayloadsAsync(args[1], Enum.Parse<PayloadFormat>(args[2]));
        break;
    default:
        throw new ArgumentException($"There is no task '{args[0]}'.");
}

return 0;

// Tells the id of the process that answers, and waits to be killed.
static async Task HostAsync()
{
    var signature = new ModelSignature([TensorSpec.Of<string>("command")], [TensorSpec.Of<long>("process")]);
    await using var predictor = new ProcessPredictor(signature, new ProcessPredictorOptions { FileName = Environment.ProcessPath!, Arguments = ["exec", typeof(AnsweringModel).Assembly.Location, "model"] });
    using var inputs = signature.RentInputs(1);
    using var outputs = signature.RentOutputs(1);
    inputs.Get<string>(0).Span[0] = "";
    await predictor.PredictAsync(inputs, outputs, new PredictionContext());
    await Console.Out.WriteLineAsync(outputs.Get<long>(0).Span[0].ToString(CultureInfo.InvariantCulture));
    await Task.Delay(Timeout.Infinite);
}

// Tells after each batch how many rows are in the files.
static async Task WritePayloadsAsync(string directory, PayloadFormat format)
{
    var signature = new ModelSignature([TensorSpec.Of<double>("number"), TensorSpec.Of<string>("note")], [TensorSpec.Of<float>("y")]);
    await using var log = new PayloadLog(new PayloadLogOptions { Directory = directory, Format = format });
    using var inputs = signature.RentInputs(1);
    using var outputs = signature.RentOutputs(1);
    for (var row = 0L; ; row++)
    {
        inputs.Get<double>(0).Span[0] = row;
        inputs.Get<string>(1).Span[0] = $"line {row}\n\"line\", {new string('x', (int)(row % 500))}";
        outputs.Get<float>(0).Span[0] = row % 7;
        log.OnPredicted(inputs, outputs, new PredictionContext { ModelName = "writer" }, TimeSpan.FromMilliseconds(1));
        if (row % 100 != 99) continue;
        await log.FlushAsync();
        await Console.Out.WriteLineAsync(log.Status.WrittenRows.ToString(CultureInfo.InvariantCulture));
    }
}
