using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Loads versions from an artifact store through a local cache.</summary>
/// <remarks>
/// <para>A model directory is downloaded into a temporary directory, verified against <see cref="ModelVersion.Digest"/> and its manifest, and renamed into
/// the cache under its digest; a crash leaves no half directory there. What is in the cache is verified again before each use, and fetched again when it was changed. What no load has used for
/// <see cref="ModelLoaderOptions.CacheRetention"/> is removed by the first load of a loader.</para>
/// <para>Safe for concurrent use, also by several processes that share a cache directory.</para>
/// </remarks>
public sealed partial class ModelLoader : IModelLoader
{
    private readonly IArtifactStore _artifacts;
    private readonly IModelFlavor[] _flavors;
    private readonly ModelCache _cache;
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
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(flavors);
        options ??= new ModelLoaderOptions();
        ArgumentException.ThrowIfNullOrEmpty(options.CacheDirectory, nameof(options));
        _artifacts = artifacts;
        _flavors = [.. flavors];
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.CacheRetention, TimeSpan.Zero, nameof(options));
        _cache = new ModelCache(Path.GetFullPath(options.CacheDirectory), options.CacheRetention, timeProvider ?? TimeProvider.System);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ModelLoader>();
    }

    /// <inheritdoc/>
    public async Task<LoadedModel> LoadAsync(ModelVersion version, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        var address = ModelUri.OfVersion(version.Name, version.Version).ToString();
        var directory = await FetchAsync(address, version, cancellationToken).ConfigureAwait(false);
        var flavor = ChooseFlavor(address, directory);
        try
        {
            var model = await flavor.LoadAsync(directory.WithName(version.Name), cancellationToken).ConfigureAwait(false);
            return new LoadedModel(version, directory, model);
        }
        catch (Exception error) when (error is not ModelLoadException && !error.IsCancellation(cancellationToken))
        {
            throw new ModelLoadException(address, $"{address} could not be loaded as '{flavor.Name}': {error.Message}", error);
        }
    }

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

    private async Task<ModelDirectory> FetchAsync(string address, ModelVersion version, CancellationToken cancellationToken)
    {
        if (version.Digest.Length != 64 || !version.Digest.All(char.IsAsciiHexDigitLower))
            throw new ModelLoadException(address, $"{address} is registered with the digest '{version.Digest}', which is not a SHA-256 digest. Register it again.");
        _cache.Sweep();
        var target = _cache.PathOf(version.Digest);
        if (Directory.Exists(target))
        {
            try
            {
                var directory = await OpenAsync(address, version, target, cancellationToken).ConfigureAwait(false);
                _cache.Touch(target);
                return directory;
            }
            catch (ModelLoadException error)
            {
                LogCacheDamaged(error, target);
                _cache.Discard(target);
            }
        }

        var temporary = _cache.NewTemporary(version.Digest[..8] + "-");
        try
        {
            await DownloadAsync(address, version, temporary, cancellationToken).ConfigureAwait(false);
            await VerifyAsync(address, version, temporary, cancellationToken).ConfigureAwait(false);
            ModelCache.MoveIntoPlace(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }

        return await OpenAsync(address, version, target, cancellationToken).ConfigureAwait(false);
    }

    private async Task DownloadAsync(string address, ModelVersion version, string target, CancellationToken cancellationToken)
    {
        var folder = version.Source.TrimEnd('/') + "/";
        var count = 0;
        try
        {
            Directory.CreateDirectory(target);
            await foreach (var artifact in _artifacts.ListAsync(folder, cancellationToken).ConfigureAwait(false))
            {
                var file = Path.GetFullPath(Path.Combine(target, artifact.Path[folder.Length..]));
                if (!file.StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                    throw new ModelLoadException(address, $"The artifact '{artifact.Path}' of {address} leads out of its folder; it is not loaded.");
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await CopyAsync(artifact.Path, file, cancellationToken).ConfigureAwait(false);
                count++;
            }
        }
        catch (Exception error) when (error is not ModelLoadException && !error.IsCancellation(cancellationToken))
        {
            throw new ModelLoadException(address, $"{address} could not be fetched from '{version.Source}': {error.Message}", error) { IsTransient = true };
        }

        if (count == 0)
            throw new ModelLoadException(address, $"The artifact store has nothing below '{version.Source}', where {address} should be. Restore it, or register the model again.");
        LogDownloaded(address, count, version.Source);
    }

    private async Task CopyAsync(string path, string file, CancellationToken cancellationToken)
    {
        var source = await _artifacts.OpenReadAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var target = File.Create(file);
            await using (target.ConfigureAwait(false))
            {
                await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Verifies what was fetched. What is wrong with it is wrong in the store: nobody can mend the temporary copy.</summary>
    private static async Task VerifyAsync(string address, ModelVersion version, string temporary, CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(address, version, temporary, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelLoadException error) when (error.Message.Contains(temporary, StringComparison.Ordinal))
        {
            throw new ModelLoadException(address, $"{address} is damaged in the artifact store: {error.Message.Replace(temporary, $"'{version.Source}'", StringComparison.Ordinal)}", error);
        }
    }

    private static async Task<ModelDirectory> OpenAsync(string address, ModelVersion version, string path, CancellationToken cancellationToken)
    {
        var directory = await ModelDirectory.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        return directory.Digest == version.Digest
            ? directory
            : throw new ModelLoadException(
                address,
                $"'{version.Source}' is not what was registered as {address}: the digest of its manifest is '{directory.Digest}', registered was '{version.Digest}'. Restore it, or register the model again.");
    }
}
