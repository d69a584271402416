namespace Mlops;

/// <summary>A prediction was attempted and failed: inputs that do not fit the signature, or an error inside the model.</summary>
/// <param name="model">The model's name or path.</param>
/// <param name="message">What happened, naming the input or output concerned, and what to do.</param>
/// <param name="innerException">The cause, if another exception was.</param>
public sealed class PredictionFailedException(string model, string message, Exception? innerException = null)
    : MlopsException(message, innerException)
{
    /// <summary>Gets the model's name or path.</summary>
    public string Model { get; } = model;

    /// <summary>Gets the row of the batch that cannot be predicted, from 0.</summary>
    /// <value>The default value is <see langword="null"/>: the error is not that of one row.</value>
    public int? Row { get; init; }
}
