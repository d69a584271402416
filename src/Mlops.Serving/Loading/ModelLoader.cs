using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Loads models from an artifact store, a directory or an archive, through a local cache.</summary>
/// <remarks>
/// <para>A model directory is copied into a temporary directory, verified against <see cref="ModelVersion.Digest"/> and its manifest, and renamed into
/// the cache under its digest; a crash leaves no half directory there. What is in the cache is verified again before each use, and fetched again when it was changed. What no load has used for
/// <see cref="ModelLoaderOptions.CacheRetention"/> is removed by the first load of a day.</para>
/// <para>Safe for concurrent use, also by several processes that share a cache directory.</para>
/// </remarks>
public sealed class ModelLoader : IModelLoader
{
    private readonly IArtifactStore? _artifacts;
    private readonly IModelFlavor[] _flavors;
    private readonly ModelFetcher _fetcher;
    private readonly ILogger _logger;

    /// <summary>Creates a loader.</summary>
    /// <param name="artifacts">Where the model directories are.</param>
    /// <param name="flavors">The flavors that can be loaded.</param>
    /// <param name="options">How it works; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="loggerFactory">Where it logs; nowhere when <see langword="null"/>.</param>
    public ModelLoader(
        IArtifactStore artifacts,
        IEnumerable<IModelFlavor> flavors,
        ModelLoaderOptions? options = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null)
        : this(flavors, options, timeProvider, loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        _artifacts = artifacts;
    }

    /// <summary>Creates a loader without an artifact store: for model directories, archives and models in memory.</summary>
    /// <param name="flavors">The flavors that can be loaded.</param>
    /// <param name="options">How it works; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="loggerFactory">Where it logs; nowhere when <see langword="null"/>.</param>
    public ModelLoader(IEnumerable<IModelFlavor> flavors, ModelLoaderOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(flavors);
        options ??= new ModelLoaderOptions();
        ArgumentException.ThrowIfNullOrEmpty(options.CacheDirectory, nameof(options));
        ArgumentNullException.ThrowIfNull(options.SealPolicy, nameof(options));
        _flavors = [.. flavors];
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.CacheRetention, TimeSpan.Zero, nameof(options));
        _logger = new SafeLogger((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ModelLoader>());
        var cache = new ModelCache(Path.GetFullPath(options.CacheDirectory), options.CacheRetention, timeProvider ?? TimeProvider.System);
        _fetcher = new ModelFetcher(cache, options.SealPolicy, _logger);
        LastGood = cache.LastGood;
    }

    /// <summary>Gets what was served last.</summary>
    internal LastGood LastGood { get; }

    /// <inheritdoc/>
    public Task<LoadedModel> LoadAsync(ModelVersion version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        return LoadAsync(version, static _ => Task.CompletedTask, cancellationToken);
    }

    /// <summary>Loads a version of the artifact store, and has something done between its files and its model.</summary>
    internal Task<LoadedModel> LoadAsync(ModelVersion version, Func<ModelDirectory, Task> beforeModel, CancellationToken cancellationToken)
        => LoadAsync(version, new ArtifactContent(version, _artifacts, _logger), beforeModel, cancellationToken);

    /// <summary>Loads a version whose files come from elsewhere, unless they are in the cache.</summary>
    internal async Task<LoadedModel> LoadAsync(ModelVersion version, IModelContent content, Func<ModelDirectory, Task> beforeModel, CancellationToken cancellationToken)
    {
        var directory = await _fetcher.FetchAsync(version, content, cancellationToken).ConfigureAwait(false);
        var flavor = ChooseFlavor(content.Address, directory);
        await beforeModel(directory).ConfigureAwait(false);
        try
        {
            var model = await flavor.LoadAsync(directory.WithName(version.Name), cancellationToken).ConfigureAwait(false);
            return new LoadedModel(version, directory, model);
        }
        catch (Exception error) when (error is not ModelLoadException && !error.IsCancellation(cancellationToken))
        {
            throw new ModelLoadException(content.Address, $"{content.Address} could not be loaded as '{flavor.Name}': {error.Message}", error) { IsTransient = error.MayPass() };
        }
    }

    /// <summary>Brings content into the cache.</summary>
    /// <returns>Its digest.</returns>
    internal Task<string> ImportAsync(IModelContent content, CancellationToken cancellationToken) => _fetcher.ImportAsync(content, null, cancellationToken);

    private IModelFlavor ChooseFlavor(string address, ModelDirectory directory)
    {
        foreach (var (name, _) in directory.Flavors)
        {
            if (Array.Find(_flavors, flavor => flavor.Name == name) is { } flavor) return flavor;
        }

        var present = directory.Flavors.Count == 0 ? "nothing" : string.Join(", ", directory.Flavors.Select(flavor => $"'{flavor.Key}'"));
        var registered = _flavors.Length == 0 ? "none" : string.Join(", ", _flavors.Select(flavor => $"'{flavor.Name}'"));
        throw new ModelLoadException(
            address,
            $"{address} can be loaded as {present}, but the flavors registered here are: {registered}. Call AddTraining() for 'mlops_graph' or AddOnnx() for 'onnx', register an {nameof(IModelFlavor)} of your own, or, without a container, give one to the {nameof(ModelLoader)}.");
    }
}
