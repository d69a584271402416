using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A predictor that always answers with the same generation of a model and keeps it alive until disposed: for work of several calls that must not mix versions.</summary>
/// <remarks>Safe for concurrent use. Dispose it after the last of its predictions has ended; a swapped-out model stays in memory until then.</remarks>
public sealed class ModelLease : IPredictor, IDisposable
{
    private readonly ModelGeneration _generation;
    private int _isDisposed;

    /// <summary>Takes over one reference, which the caller has acquired.</summary>
    internal ModelLease(ModelGeneration generation) => _generation = generation;

    /// <summary>Gets which version answers.</summary>
    public HostedModel Model => _generation.Model;

    /// <inheritdoc/>
    public ModelSignature Signature => _generation.Model.Signature;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The lease is disposed.</exception>
    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        return _generation.Predictor.PredictAsync(inputs, outputs, context, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (serviceKey is null && serviceType == typeof(HostedModel)) return Model;
        if (serviceKey is null && serviceType.IsInstanceOfType(this)) return this;
        return _generation.Predictor.GetService(serviceType, serviceKey);
    }

    /// <summary>Gives the generation back. Doing so again does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) _generation.Release();
    }

    /// <summary>Gives the generation back. Doing so again does nothing.</summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
