using System.Runtime.CompilerServices;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Ends predictions at their deadline while they run, as far as the model can be cancelled; an answer that comes later is useless, and thrown away. Those without a deadline pass through.</summary>
internal sealed class DeadlinePredictor(IPredictor innerPredictor, string model, TimeProvider time) : DelegatingPredictor(innerPredictor)
{
    private readonly SlotPool<DeadlineSource> _kept = new(Environment.ProcessorCount);

    /// <summary>Makes the exception for a prediction that was begun and not ended by its deadline.</summary>
    public static PredictionFailedException TimedOut(string model)
        => new(model, $"The prediction by '{model}' did not end by its deadline.", new TimeoutException()) { IsTransient = true };

    public override ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        => context.Deadline is { } deadline
            ? RunUntilAsync(deadline, inputs, outputs, context, cancellationToken)
            : InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);

    protected override ValueTask DisposeAsyncCore()
    {
        while (_kept.TryRent() is { } source) source.Dispose();
        return base.DisposeAsyncCore();
    }

    private ValueTask RunUntilAsync(DateTimeOffset deadline, TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        var source = _kept.TryRent() ?? new DeadlineSource(time);
        source.Begin(deadline, cancellationToken);
        var isRunning = false;
        try
        {
            var task = InnerPredictor.PredictAsync(inputs, outputs, context, source.Token);
            if (!task.IsCompleted)
            {
                isRunning = true;
                return AwaitAsync(task, source, deadline, cancellationToken);
            }

            task.GetAwaiter().GetResult();
            return deadline <= time.GetUtcNow() ? ValueTask.FromException(TimedOut(model)) : default;
        }
        catch (OperationCanceledException error) when (source.Token.IsCancellationRequested)
        {
            return EndOf(error, cancellationToken).ToValueTask(cancellationToken);
        }
        catch (Exception error)
        {
            return ValueTask.FromException(error);
        }
        finally
        {
            if (!isRunning) Return(source);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAsync(ValueTask task, DeadlineSource source, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (source.Token.IsCancellationRequested)
        {
            throw EndOf(error, cancellationToken);
        }
        finally
        {
            Return(source);
        }

        if (deadline <= time.GetUtcNow()) throw TimedOut(model);
    }

    /// <summary>What the caller is told: its own cancellation by its own token, otherwise that the time was up.</summary>
    private Exception EndOf(OperationCanceledException error, CancellationToken cancellationToken)
        => cancellationToken.IsCancellationRequested ? new OperationCanceledException(error.Message, error, cancellationToken) : TimedOut(model);

    private void Return(DeadlineSource source)
    {
        if (!source.TryEnd() || !_kept.TryReturn(source)) source.Dispose();
    }
}
