namespace Mlops.Models;

/// <summary>Loads models of one flavor, found by the name that the model directory declares, never by a type's name.</summary>
public interface IModelFlavor
{
    /// <summary>Gets the name: <c>onnx</c>.</summary>
    string Name { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="source">The model directory, which declares this flavor.</param>
    /// <param name="cancellationToken">Cancels the loading.</param>
    /// <returns>The model, which does not need the directory any more.</returns>
    /// <exception cref="ModelLoadException">The model is corrupt or needs something that is not there.</exception>
    Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default);
}
