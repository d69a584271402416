using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Loads models of the flavor <c>onnx</c> from model directories, saved here or by MLflow.</summary>
/// <remarks>Safe for concurrent use. The session options that a directory may hold are for MLflow's loader; the host's own are used here.</remarks>
/// <param name="options">How to run the models; the defaults when <see langword="null"/>.</param>
public sealed class OnnxFlavor(OnnxOptions? options = null) : IModelFlavor
{
    /// <summary>The name of the flavor.</summary>
    public const string FlavorName = "onnx";

    /// <inheritdoc/>
    public string Name => FlavorName;

    /// <inheritdoc/>
    public async Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var settings = source.FindFlavor(FlavorName)
            ?? throw new ModelLoadException(source.Path, $"The model in {source.Path} does not have the flavor '{FlavorName}', only {string.Join(", ", source.Flavors.Select(flavor => $"'{flavor.Key}'"))}. Load it with an {nameof(IModelFlavor)} of one of these, such as the GraphModelFlavor of Mlops.Training for 'mlops_graph'.");
        var file = settings.TryGetValue("data", out var data) && data is string { Length: > 0 } path ? path : OnnxModelFiles.Model;
        var bytes = await source.ReadFileAsync(file, cancellationToken).ConfigureAwait(false);
        return OnnxModel.Load(bytes, options, source.Path, source.Signature);
    }
}
