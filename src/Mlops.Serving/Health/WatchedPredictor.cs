using System.Runtime.CompilerServices;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Notes which calls of a model are running, so that one that hangs is found: a native call that does not return cannot say so itself.</summary>
internal sealed class WatchedPredictor(IPredictor innerPredictor, RunningCalls calls) : DelegatingPredictor(innerPredictor)
{
    public override ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        var thread = calls.Begin(out var stamp);
        try
        {
            var task = InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);
            return task.IsCompleted ? task : AwaitAsync(task, calls.BeginAwait(stamp));
        }
        finally
        {
            thread.Pop();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAsync(ValueTask task, int place)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        finally
        {
            calls.EndAwait(place);
        }
    }
}
