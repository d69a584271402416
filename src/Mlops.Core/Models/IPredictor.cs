namespace Mlops.Models;

/// <summary>Predicts a batch of rows.</summary>
/// <remarks>
/// <para>Safe for concurrent use. The caller owns both batches and the context until the returned task has completed and must not touch them meanwhile;
/// nothing is retained afterwards. An unbatched predictor runs on the caller's thread and completes synchronously.</para>
/// <para>Disposing waits for no call: whoever disposes sees to it that none is running.</para>
/// </remarks>
public interface IPredictor : IAsyncDisposable
{
    /// <summary>Gets the inputs and outputs.</summary>
    ModelSignature Signature { get; }

    /// <summary>Predicts.</summary>
    /// <param name="inputs">The inputs, rented from <see cref="ModelSignature.RentInputs"/> or laid out in the same way.</param>
    /// <param name="outputs">The outputs, rented from <see cref="ModelSignature.RentOutputs"/> for as many rows; they are filled in place.</param>
    /// <param name="context">What travels with the prediction.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>A task that completes when the outputs are filled.</returns>
    /// <exception cref="PredictionFailedException">The inputs do not fit the signature, or the model failed.</exception>
    /// <exception cref="ObjectDisposedException">A batch, or the predictor, has been disposed.</exception>
    /// <exception cref="PredictionRejectedException">The host is over its capacity, shutting down, or the deadline has passed.</exception>
    ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default);

    /// <summary>Asks this predictor, or one it wraps, for something beyond this interface: the model's metadata, an inner predictor.</summary>
    /// <param name="serviceType">What is asked for.</param>
    /// <param name="serviceKey">Which one, where there are several.</param>
    /// <returns>The service, or <see langword="null"/>.</returns>
    object? GetService(Type serviceType, object? serviceKey = null);
}
