using Mlops.Models;

namespace Quickstart;

/// <summary>Lets the monitor see the days of the replay, but not the calls of the load generator, which have no event time.</summary>
internal sealed class ReplayObserver(IPredictionObserver inner) : IPredictionObserver
{
    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
    {
        if (context.EventTime is not null) inner.OnPredicted(inputs, outputs, context, duration);
    }

    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration)
    {
        if (context.EventTime is not null) inner.OnFailed(context, error, duration);
    }
}
