using Mlops.Models;

namespace Mlops.Serving.Tests;

internal sealed class FactorPredictor(ModelSignature signature, float factor, FactorFlavor? flavor) : IPredictor
{
    private int _running;
    private int _disposals;
    private int _violations;

    public float Factor => factor;

    public ModelSignature Signature => signature;

    public int Disposals => Volatile.Read(ref _disposals);

    public int Running => Volatile.Read(ref _running);

    /// <summary>Gets how often it was called after, or disposed during, a call.</summary>
    public int Violations => Volatile.Read(ref _violations);

    public TaskCompletionSource DisposedSource { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _running);
        if (Disposals > 0) Interlocked.Increment(ref _violations);
        if (flavor is { BeforePredict: not null } or { BeforePredictCancellable: not null }) return SlowlyAsync(flavor, inputs, outputs, cancellationToken);
        try
        {
            flavor?.OnPredict?.Invoke(inputs);
            if (flavor?.Failure is { } failure) throw failure;
            Compute(inputs, outputs);
            return ValueTask.CompletedTask;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public ValueTask DisposeAsync()
    {
        Interlocked.Increment(ref _disposals);
        if (Running > 0) Interlocked.Increment(ref _violations);
        DisposedSource.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private async ValueTask SlowlyAsync(FactorFlavor watched, TensorBatch inputs, TensorBatch outputs, CancellationToken cancellationToken)
    {
        try
        {
            if (watched.BeforePredict is { } before) await before(factor);
            if (watched.BeforePredictCancellable is { } cancellable) await cancellable(factor, cancellationToken);
            if (Disposals > 0) Interlocked.Increment(ref _violations);
            Compute(inputs, outputs);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private void Compute(TensorBatch inputs, TensorBatch outputs)
    {
        var x = inputs.Get<float>(0).Span;
        var y = outputs.Get<float>(0).Span;
        var factors = outputs.Get<float>(1).Span;
        for (var row = 0; row < x.Length; row++) (y[row], factors[row]) = (x[row] * factor, factor);
    }
}
