namespace Mlops.Models;

/// <summary>A model that is a predictor of this process: a delegate, a composition, an external program. It can be hosted, but not saved.</summary>
/// <remarks>All predictors that it makes call the one it was given, which is disposed with the model and not with them. Safe for concurrent use.</remarks>
/// <param name="predictor">The predictor, owned from now on.</param>
/// <param name="name">The model's name, for messages.</param>
public sealed class PredictorModel(IPredictor predictor, string name = "predictor") : IModel, IAsyncDisposable
{
    private readonly IPredictor _predictor = predictor ?? throw new ArgumentNullException(nameof(predictor));

    /// <inheritdoc/>
    public ModelSignature Signature => _predictor.Signature;

    /// <inheritdoc/>
    public IPredictor CreatePredictor() => new SharedPredictor(_predictor);

    /// <summary>Always fails: code of this process is in no file.</summary>
    /// <param name="target">Where to write.</param>
    /// <param name="cancellationToken">Cancels the saving.</param>
    /// <returns>A failed task.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default) => Task.FromException(new NotSupportedException(
        $"The model '{name}' is a predictor of this process, and no file can hold its code. Make it anew where it is served, or save a model that was trained or loaded."));

    /// <summary>Disposes the predictor.</summary>
    /// <returns>A task that completes when it is disposed.</returns>
    public ValueTask DisposeAsync() => _predictor.DisposeAsync();

    /// <summary>One of several that call the same predictor, and leave it when they are disposed.</summary>
    private sealed class SharedPredictor(IPredictor predictor) : IPredictor
    {
        private volatile bool _isDisposed;

        public ModelSignature Signature => predictor.Signature;

        public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
            => _isDisposed ? ValueTask.FromException(new ObjectDisposedException(nameof(IPredictor))) : predictor.PredictAsync(inputs, outputs, context, cancellationToken);

        public object? GetService(Type serviceType, object? serviceKey = null)
        {
            ArgumentNullException.ThrowIfNull(serviceType);
            return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : predictor.GetService(serviceType, serviceKey);
        }

        public ValueTask DisposeAsync()
        {
            _isDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
