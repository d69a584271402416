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
public sealed partial class ModelLoader : IModelLoader
{
    private readonly IArtifactStore? _artifacts;
    private readonly IModelFlavor[] _flavors;
    private readonly ModelCache _cache;
    private readonly SealPolicy _seals;
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
        _seals = options.SealPolicy;
        _flavors = [.. flavors];
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.CacheRetention, TimeSpan.Zero, nameof(options));
        _cache = new ModelCache(Path.GetFullPath(options.CacheDirectory), options.CacheRetention, timeProvider ?? TimeProvider.System);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ModelLoader>();
    }

    /// <summary>Gets what was served last.</summary>
    internal LastGood LastGood => _cache.LastGood;

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
        var directory = await FetchSealedAsync(version, content, cancellationToken).ConfigureAwait(false);
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
    internal Task<string> ImportAsync(IModelContent content, CancellationToken cancellationToken) => ImportAsync(content, null, cancellationToken);

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

    private async Task<ModelDirectory> FetchAsync(ModelVersion version, IModelContent content, CancellationToken cancellationToken)
    {
        var address = content.Address;
        if (version.Digest.Length != 64 || !version.Digest.All(char.IsAsciiHexDigitLower))
            throw new ModelLoadException(address, $"{address} is registered with the digest '{version.Digest}', which is not a SHA-256 digest. Register it again.");
        _cache.Sweep();
        var target = _cache.PathOf(version.Digest);
        if (Directory.Exists(target))
        {
            try
            {
                var directory = await OpenAsync(content, version.Digest, target, cancellationToken).ConfigureAwait(false);
                _cache.Touch(target);
                return directory;
            }
            catch (ModelLoadException error)
            {
                LogCacheDamaged(error, target);
                _cache.Discard(target);
            }
        }

        await ImportAsync(content, version.Digest, cancellationToken).ConfigureAwait(false);
        return await OpenAsync(content, version.Digest, target, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> ImportAsync(IModelContent content, string? digest, CancellationToken cancellationToken)
    {
        var temporary = _cache.NewTemporary(digest is null ? "" : digest[..8] + "-");
        try
        {
            CreateTemporary(content, temporary);
            await content.WriteAsync(temporary, cancellationToken).ConfigureAwait(false);
            digest = await VerifyAsync(content, digest, temporary, cancellationToken).ConfigureAwait(false);
            ModelCache.MoveIntoPlace(temporary, _cache.PathOf(digest));
            return digest;
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    private static void CreateTemporary(IModelContent content, string temporary)
    {
        try
        {
            Directory.CreateDirectory(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelLoadException(content.Address, $"{content.Address} could not be fetched: the cache cannot be written: {error.Message}", error) { IsTransient = true };
        }
    }

    /// <summary>Verifies what was fetched. What is wrong with it is wrong where it came from: nobody can mend the temporary copy.</summary>
    private static async Task<string> VerifyAsync(IModelContent content, string? digest, string temporary, CancellationToken cancellationToken)
    {
        try
        {
            if (content.AllowMissingManifest) await ModelDirectory.WriteManifestAsync(temporary, cancellationToken).ConfigureAwait(false);
            return (await OpenAsync(content, digest, temporary, cancellationToken).ConfigureAwait(false)).Digest;
        }
        catch (ModelLoadException error) when (error.Message.Contains(temporary, StringComparison.Ordinal))
        {
            throw new ModelLoadException(
                content.Address,
                $"{content.Address} {content.Damaged}: {error.Message.Replace(temporary, content.Place, StringComparison.Ordinal)}",
                error.InnerException) { IsTransient = content.MaySettle };
        }
    }

    private static async Task<ModelDirectory> OpenAsync(IModelContent content, string? digest, string path, CancellationToken cancellationToken)
    {
        var directory = await ModelDirectory.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        if (digest is null || directory.Digest == digest) return directory;
        throw new ModelLoadException(
            content.Address,
            content.MaySettle
                ? $"{content.Place} was changed while it was copied."
                : $"{content.Place} is not what was registered as {content.Address}: the digest of its manifest is '{directory.Digest}', registered was '{digest}'. Restore it, or register the model again.") { IsTransient = content.MaySettle };
    }
}
