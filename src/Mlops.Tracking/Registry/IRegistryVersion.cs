namespace Mlops.Tracking;

/// <summary>Implemented by registries that tell cheaply whether anything in them may have changed, so that <see cref="CachedModelResolver"/> need not look again.</summary>
public interface IRegistryVersion
{
    /// <summary>Reads a number that is another one after every change, whoever made it. Takes microseconds.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The number; <see langword="null"/> when changes may be missed at present.</returns>
    ValueTask<long?> ReadVersionAsync(CancellationToken cancellationToken = default);
}
