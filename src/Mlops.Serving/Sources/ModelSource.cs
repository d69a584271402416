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

    /// <summary>Gets the address.</summary>
    /// <returns>The address.</returns>
    public sealed override string ToString() => Address;

    /// <summary>Opens the source for one model of a host.</summary>
    internal abstract IModelFeed Open(string name, ModelHostServices services);

    /// <summary>Tells whether another source leads to the same, so that adding it again changes nothing.</summary>
    internal abstract bool IsSame(ModelSource other);
}
