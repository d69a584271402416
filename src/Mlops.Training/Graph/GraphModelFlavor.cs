using System.Text.Json;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Loads models that were saved as a <see cref="ModelGraph"/>.</summary>
public sealed class GraphModelFlavor : IModelFlavor
{
    /// <summary>The name of the flavor.</summary>
    public const string FlavorName = "mlops_graph";

    internal const string GraphFile = "graph.json";

    /// <inheritdoc/>
    public string Name => FlavorName;

    /// <inheritdoc/>
    public async Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var settings = source.FindFlavor(FlavorName)
            ?? throw new ModelLoadException(source.Path, $"The model in {source.Path} does not have the flavor '{FlavorName}', only {string.Join(", ", source.Flavors.Select(flavor => $"'{flavor.Key}'"))}. Load it with an {nameof(IModelFlavor)} of one of these, such as the OnnxFlavor of Mlops.Onnx for 'onnx'.");
        var file = settings.GetValueOrDefault("data") as string ?? GraphFile;
        var json = await source.ReadFileAsync(file, cancellationToken).ConfigureAwait(false);
        try
        {
            return new GraphModel(ModelGraph.FromJson(json));
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new ModelLoadException(source.Path, $"'{file}' in {source.Path} is not a model graph: {error.Message} Save the model again.", error);
        }
    }
}
