namespace Mlops.Models;

/// <summary>A predictor that calls a delegate.</summary>
internal sealed class FunctionPredictor(
    ModelSignature signature, Func<TensorBatch, TensorBatch, PredictionContext, CancellationToken, ValueTask> predict, string name) : IPredictor
{
    private volatile bool _isDisposed;

    public ModelSignature Signature => signature;

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(context);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            PredictionChecks.CheckInputs(signature, inputs, name);
            PredictionChecks.CheckOutputs(signature, inputs, outputs, name);
        }
        catch (Exception error)
        {
            return ValueTask.FromException(error);
        }

        try
        {
            var task = predict(inputs, outputs, context, cancellationToken);
            if (!task.IsCompleted) return AwaitAsync(task, inputs, outputs, cancellationToken);
            task.GetAwaiter().GetResult();

            // A delegate may have given a tensor another shape.
            PredictionChecks.CheckOutputs(signature, inputs, outputs, name);
            return ValueTask.CompletedTask;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }
        catch (Exception error)
        {
            return ValueTask.FromException(Describe(error, name));
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return ValueTask.CompletedTask;
    }

    /// <summary>Says that the delegate threw. Its own message may tell values of features: it stays in the inner exception.</summary>
    public static Exception Describe(Exception error, string name, int? row = null) => error is PredictionFailedException or PredictionRejectedException
        ? error
        : new PredictionFailedException(
            name, $"The delegate of the model '{name}' threw {error.GetType().Name}{(row is null ? "" : FormattableString.Invariant($" for row {row}"))}; the inner exception says why.", error) { Row = row };

    private async ValueTask AwaitAsync(ValueTask task, TensorBatch inputs, TensorBatch outputs, CancellationToken cancellationToken)
    {
        try
        {
            await task.ConfigureAwait(false);
            PredictionChecks.CheckOutputs(signature, inputs, outputs, name);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw Describe(error, name);
        }
    }
}
