using System.Collections.Concurrent;
using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving.Tests.Observation;

/// <summary>Keeps in words what an observer is told.</summary>
internal sealed class RecordedCalls : IPredictionObserver
{
    public ConcurrentQueue<string> Calls { get; } = [];

    public ConcurrentQueue<Guid> Ids { get; } = [];

    public List<string> Loaded { get; } = [];

    public void OnLoaded(HostedModel model) => Loaded.Add(model.Name);

    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
    {
        Ids.Enqueue(context.Id);
        Calls.Enqueue($"{Describe(inputs)} → {Describe(outputs)}");
    }

    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration)
    {
        Ids.Enqueue(context.Id);
        Calls.Enqueue(error.GetType().Name);
    }

    private static string Describe(TensorBatch batch) => string.Join("; ", Enumerable.Range(0, batch.Count).Select(slot => batch[slot]).Select(buffer => string.Create(
        CultureInfo.InvariantCulture, $"{buffer.Spec}({string.Join(",", buffer.Spec.Columns)}) {string.Join(" ", buffer is TensorBuffer<string> texts ? texts.Span.ToArray().Select(text => $"'{text}'") : TensorNumbers.ToDoubles(buffer).Select(number => number.ToString(CultureInfo.InvariantCulture)))}")));
}
