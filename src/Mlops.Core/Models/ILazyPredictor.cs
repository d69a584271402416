namespace Mlops.Models;

/// <summary>A predictor whose model is loaded when it is needed, and whose signature is known from then on. Found by <see cref="IPredictor.GetService"/>.</summary>
public interface ILazyPredictor
{
    /// <summary>Gets whether <see cref="IPredictor.Signature"/> is known; it stays known when the model is taken out of memory.</summary>
    bool IsSignatureKnown { get; }

    /// <summary>Loads the model where its signature is not known yet.</summary>
    /// <param name="context">What travels with the prediction that needs it: its deadline bounds the waiting; nothing when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes when the signature is known.</returns>
    /// <exception cref="PredictionRejectedException">The model cannot be loaded now, or is not served any more.</exception>
    ValueTask LoadAsync(PredictionContext? context = null, CancellationToken cancellationToken = default);
}
