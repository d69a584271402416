namespace Mlops.Models;

/// <summary>Receives the files and flavors of a model that is being saved.</summary>
public interface IModelWriter
{
    /// <summary>Writes a file of the model.</summary>
    /// <param name="path">The path within the model directory, with <c>/</c>.</param>
    /// <param name="content">The content.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>A task that completes when the file is written.</returns>
    Task WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Declares that the model can be loaded as a flavor. The one declared first is preferred.</summary>
    /// <param name="name">The flavor: <c>onnx</c>, <c>python_function</c>.</param>
    /// <param name="settings">What a loader of the flavor needs: text, numbers, booleans, lists and dictionaries of these.</param>
    void AddFlavor(string name, IReadOnlyDictionary<string, object?> settings);
}
