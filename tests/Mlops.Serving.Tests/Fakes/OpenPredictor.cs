using Mlops.Models;

namespace Mlops.Serving.Tests;

/// <summary>Takes inputs of any rows, as ONNX models do, and shows them to the test.</summary>
internal sealed class OpenPredictor(ModelSignature signature, Action<TensorBatch> onPredict) : IPredictor
{
    public ModelSignature Signature => signature;

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        PredictionChecks.CheckInputs(signature, inputs, "open", _ => true);
        onPredict(inputs);
        return ValueTask.CompletedTask;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
