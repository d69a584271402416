using System.Globalization;
using Mlops.Models;
using Mlops.Serving;
using Mlops.Serving.Worker;

// A model in a process of its own, well-behaved or not; and a host of one.
switch (args[0])
{
    case "model":
        await AnsweringModel.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput());
        break;
    case "host":
        await HostAsync();
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
