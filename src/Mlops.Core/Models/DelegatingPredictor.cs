namespace Mlops.Models;

/// <summary>The base of predictors that wrap another one and change a little: forwards everything.</summary>
/// <param name="innerPredictor">The wrapped predictor, owned from now on: disposed with this one.</param>
public abstract class DelegatingPredictor(IPredictor innerPredictor) : IPredictor
{
    /// <inheritdoc/>
    public virtual ModelSignature Signature => InnerPredictor.Signature;

    /// <summary>Gets the wrapped predictor.</summary>
    protected IPredictor InnerPredictor { get; } = innerPredictor ?? throw new ArgumentNullException(nameof(innerPredictor));

    /// <inheritdoc/>
    public virtual ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        => InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);

    /// <inheritdoc/>
    public virtual object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : InnerPredictor.GetService(serviceType, serviceKey);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DisposeAsyncCore().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes what this predictor owns; the base disposes the wrapped predictor.</summary>
    /// <returns>A task that completes when everything is disposed.</returns>
    protected virtual ValueTask DisposeAsyncCore() => InnerPredictor.DisposeAsync();
}
