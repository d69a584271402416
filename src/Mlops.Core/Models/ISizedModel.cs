namespace Mlops.Models;

/// <summary>A model that knows how much memory it takes. A host that keeps to a budget takes the bytes of the model directory for models that do not say.</summary>
public interface ISizedModel
{
    /// <summary>Gets how much memory the model and its predictors take, in bytes, ≥ 0; constant.</summary>
    long SizeBytes { get; }
}
