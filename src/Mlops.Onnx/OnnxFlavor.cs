using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Loads models of the flavor <c>onnx</c> from model directories, saved here or by MLflow.</summary>
/// <remarks>Safe for concurrent use. The session options that a directory may hold are for MLflow's loader; the host's own are used here. The models do not keep their files in memory, unless <see cref="OnnxOptions.KeepFile"/> says so.</remarks>
public sealed partial class OnnxFlavor : IModelFlavor
{
    /// <summary>The name of the flavor.</summary>
    public const string FlavorName = "onnx";

    private readonly Func<ModelDirectory, OnnxOptions?> _chooseOptions;
    private readonly ILogger _logger;

    /// <summary>Creates the flavor, with the same options for every model.</summary>
    /// <param name="options">How to run the models; the defaults when <see langword="null"/>.</param>
    /// <param name="loggerFactory">Where it logs; nowhere when <see langword="null"/>.</param>
    public OnnxFlavor(OnnxOptions? options = null, ILoggerFactory? loggerFactory = null)
        : this(_ => options, loggerFactory)
    {
    }

    /// <summary>Creates the flavor, with options for each model.</summary>
    /// <param name="chooseOptions">Says how to run the model of a directory, by its <see cref="ModelDirectory.Name"/>, <see cref="ModelDirectory.Path"/> or signature; the defaults where it gives <see langword="null"/>. Called for every model that is loaded, by several threads at a time.</param>
    /// <param name="loggerFactory">Where it logs; nowhere when <see langword="null"/>.</param>
    public OnnxFlavor(Func<ModelDirectory, OnnxOptions?> chooseOptions, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(chooseOptions);
        _chooseOptions = chooseOptions;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<OnnxFlavor>();
    }

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
        // The directory of a model that was fetched is one of a cache, which tells nobody which model failed.
        var name = source.Name ?? source.Path;
        var model = OnnxModel.Load(bytes, name, _chooseOptions(source), source.Signature, keepsFile: false);
        LogLoaded(name, model.EvaluatorChoice, model.RuntimeVersion);
        return model;
    }
}
