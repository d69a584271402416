using System.Collections.Concurrent;
using Mlops.Models;

namespace Mlops.Serving.Tests;

internal sealed class RecordingObserver : IPredictionObserver
{
    public ConcurrentQueue<string> Events { get; } = [];

    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
        => Events.Enqueue(FormattableString.Invariant(
            $"{context.ModelName} {context.ModelVersion} {context.Route}: {inputs.Get<float>(0).Span[0]} → {outputs.Get<float>(0).Span[0]} in {duration.TotalSeconds} s"));

    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration)
        => Events.Enqueue($"{context.ModelName} {context.ModelVersion} {context.Route}: {error.GetType().Name}");
}

internal sealed class ThrowingObserver : IPredictionObserver
{
    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration) => throw new InvalidOperationException("a bad observer");

    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration) => throw new InvalidOperationException("a bad observer");
}

internal sealed class QuietObserver : IPredictionObserver
{
    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
    {
    }

    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration)
    {
    }
}
