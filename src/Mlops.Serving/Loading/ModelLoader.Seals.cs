using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

public sealed partial class ModelLoader
{
    /// <summary>Fetches a version that the policy of seals accepts, before anything of it is read but its manifest and digests.</summary>
    private async Task<ModelDirectory> FetchSealedAsync(ModelVersion version, IModelContent content, CancellationToken cancellationToken)
    {
        var directory = await FetchAsync(version, content, cancellationToken).ConfigureAwait(false);
        try
        {
            await _seals.CheckAsync(directory, cancellationToken).ConfigureAwait(false);
            return directory;
        }
        catch (ModelLoadException error) when (error.SealFault is not null)
        {
            // It may have been sealed, or sealed with another key, after it came into the cache.
            _cache.Discard(directory.Path);
        }

        directory = await FetchAsync(version, content, cancellationToken).ConfigureAwait(false);
        try
        {
            await _seals.CheckAsync(directory, cancellationToken).ConfigureAwait(false);
            return directory;
        }
        catch (ModelLoadException error) when (error.SealFault is not null)
        {
            throw new ModelLoadException(content.Address, $"{content.Address} is not loaded: {error.Message.Replace(directory.Path, content.Place, StringComparison.Ordinal)}", error.InnerException) { SealFault = error.SealFault };
        }
    }
}
