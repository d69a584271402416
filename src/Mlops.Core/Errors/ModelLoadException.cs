using Mlops.Models;

namespace Mlops;

/// <summary>A model could not be loaded: not found, tampered with, corrupt, of an unknown flavour or with a signature that does not fit.</summary>
/// <param name="modelUri">The model, as it was asked for: a model URI or a path.</param>
/// <param name="message">What happened, and what to do.</param>
/// <param name="innerException">The cause, if another exception was.</param>
public sealed class ModelLoadException(string modelUri, string message, Exception? innerException = null)
    : MlopsException(message, innerException)
{
    /// <summary>Gets the model, as it was asked for.</summary>
    public string ModelUri { get; } = modelUri;

    /// <summary>Gets what is wrong with the seal of the model, where a <see cref="SealPolicy"/> asks for one.</summary>
    /// <value>The default value is <see langword="null"/>: it failed for another reason.</value>
    public SealFault? SealFault { get; init; }
}
