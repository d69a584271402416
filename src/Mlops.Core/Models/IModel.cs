namespace Mlops.Models;

/// <summary>A trained or loaded model: what it takes, what it gives, and how to save it. Immutable, safe for concurrent use.</summary>
public interface IModel
{
    /// <summary>Gets the inputs and outputs.</summary>
    ModelSignature Signature { get; }

    /// <summary>Makes a predictor; the caller disposes it.</summary>
    /// <returns>The predictor.</returns>
    IPredictor CreatePredictor();

    /// <summary>Writes the model's own files and declares its flavors; the model directory adds the rest.</summary>
    /// <param name="target">Where to write.</param>
    /// <param name="cancellationToken">Cancels the saving.</param>
    /// <returns>A task that completes when the model is written.</returns>
    Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default);
}
