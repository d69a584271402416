namespace Mlops.Models;

/// <summary>Is told of every prediction that a host makes: monitors, payload logs.</summary>
/// <remarks>
/// Called on the caller's thread, so it must be quick, must not throw and must not block; it copies what it keeps, because the batches are
/// reused afterwards. Safe for concurrent use.
/// </remarks>
public interface IPredictionObserver
{
    /// <summary>Is told of a generation of a model before it answers its first prediction: what it is called, and of which columns its training data were. Does nothing unless implemented.</summary>
    /// <remarks>Not called on the thread of a prediction. The generation may yet be refused, and then never answers.</remarks>
    /// <param name="model">The generation.</param>
    void OnLoaded(HostedModel model)
    {
    }

    /// <summary>Is told of a prediction that succeeded.</summary>
    /// <param name="inputs">The inputs; valid during the call only.</param>
    /// <param name="outputs">The outputs; valid during the call only.</param>
    /// <param name="context">What travelled with the prediction, with the model's name, version and route filled in; valid during the call only.</param>
    /// <param name="duration">How long the prediction took.</param>
    void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration);

    /// <summary>Is told of a prediction that failed or was rejected.</summary>
    /// <param name="context">What travelled with the prediction; valid during the call only.</param>
    /// <param name="error">Why it failed.</param>
    /// <param name="duration">How long it took to fail.</param>
    void OnFailed(PredictionContext context, Exception error, TimeSpan duration);
}
