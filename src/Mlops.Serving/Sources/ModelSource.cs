using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Where a hosted model comes from: what it is at present, its files or its objects, and how changes become known. Immutable, safe for concurrent use.</summary>
/// <example><code>await host.AddAsync("ridership", ModelSource.FromRegistry(ModelUri.Parse("models:/ridership@champion")));</code></example>
public abstract class ModelSource
{
    private protected ModelSource()
    {
    }

    /// <summary>Gets the address, for people: <c>models:/ridership@champion</c>, the path of a directory.</summary>
    public abstract string Address { get; }

    /// <summary>Gets the address in the registry; <see langword="null"/> for a model from elsewhere.</summary>
    public virtual ModelUri? Uri => null;

    /// <summary>Makes the source of what an address of a registry points to. The host follows it unless it names a version.</summary>
    /// <param name="uri">The address.</param>
    /// <returns>The source.</returns>
    public static ModelSource FromRegistry(ModelUri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return new RegistrySource(uri);
    }

    /// <summary>Makes the source of a model directory. The host follows it: files that are written into it, a directory that is renamed over it, a link that is switched.</summary>
    /// <remarks>
    /// The files are copied to the loader's cache and verified there before they are loaded, so what happens to them later cannot hurt. While they do not agree with the manifest – a copy that goes
    /// on – the present generation serves and the directory is looked at again. Versions are numbered as they are seen: 1, 2, 3; the digest is that of the manifest.
    /// </remarks>
    /// <param name="path">The directory, or a link to one.</param>
    /// <param name="options">How it is followed; the defaults when <see langword="null"/>.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static ModelSource FromDirectory(string path, DirectorySourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new DirectorySource(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), (options ?? new DirectorySourceOptions()).Check());
    }

    /// <summary>Makes the source of a zip archive of a model directory, which <see cref="ModelHost.ReloadAsync"/> reads anew.</summary>
    /// <param name="address">What it is called in messages and status: where the stream comes from, without secrets.</param>
    /// <param name="open">Opens the stream, which is disposed after reading. It may be called again, also at the same time.</param>
    /// <param name="options">What the archive may be; the defaults when <see langword="null"/>.</param>
    /// <returns>The source. It is the same as another one with the same function.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static ModelSource FromArchive(string address, Func<CancellationToken, Task<Stream>> open, ArchiveSourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        ArgumentNullException.ThrowIfNull(open);
        return new ArchiveSource(address, open, open, isReadOnce: false, (options ?? new ArchiveSourceOptions()).Check());
    }

    /// <summary>Makes the source of a zip archive of a model directory in a stream that is read once, from where it stands to its end, and disposed. The host keeps what it holds in the loader's cache.</summary>
    /// <param name="address">What it is called in messages and status: where the stream comes from, without secrets.</param>
    /// <param name="stream">The stream, owned by the source from now on.</param>
    /// <param name="options">What the archive may be; the defaults when <see langword="null"/>.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static ModelSource FromArchive(string address, Stream stream, ArchiveSourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead) throw new ArgumentException("The stream cannot be read.", nameof(stream));
        return new ArchiveSource(address, _ => Task.FromResult(stream), stream, isReadOnce: true, (options ?? new ArchiveSourceOptions()).Check());
    }

    /// <summary>Makes the source of a model that is in memory. It has no digest, no golden rows and no profile.</summary>
    /// <param name="model">The model; it stays the caller's and is never disposed by the host.</param>
    /// <param name="version">The number that results, metrics and logs show, ≥ 1.</param>
    /// <returns>The source.</returns>
    public static ModelSource FromModel(IModel model, int version = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        return new MemorySource(model, _ => Task.FromResult(model), isOwned: false, version);
    }

    /// <summary>Makes the source of a model that a function makes, whenever it is to be loaded. It has no digest, no golden rows and no profile.</summary>
    /// <param name="create">Makes the model, which the host disposes where it can be disposed.</param>
    /// <param name="version">The number that results, metrics and logs show, ≥ 1.</param>
    /// <returns>The source. It is the same as another one with the same function.</returns>
    public static ModelSource FromModel(Func<CancellationToken, Task<IModel>> create, int version = 1)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        return new MemorySource(create, create, isOwned: true, version);
    }

    /// <summary>Makes the source of a predictor that a function makes, whenever it is to be loaded: one that asks another process, or has no model at all.</summary>
    /// <param name="create">Makes the predictor, which the host disposes.</param>
    /// <param name="version">The number that results, metrics and logs show, ≥ 1.</param>
    /// <returns>The source. It is the same as another one with the same function.</returns>
    public static ModelSource FromPredictor(Func<CancellationToken, Task<IPredictor>> create, int version = 1)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        return new MemorySource(create, async token => new PredictorModel(await create(token).ConfigureAwait(false)), isOwned: true, version);
    }

    /// <summary>Gets the address.</summary>
    /// <returns>The address.</returns>
    public sealed override string ToString() => Address;

    /// <summary>Opens the source for one model of a host.</summary>
    internal abstract IModelFeed Open(string name, ModelHostServices services);

    /// <summary>Tells whether another source leads to the same, so that adding it again changes nothing.</summary>
    internal abstract bool IsSame(ModelSource other);
}
