using Mlops.Tracking;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    private async Task<ModelVersion> ResolveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _feed.ResolveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not ModelLoadException && !error.IsCancellation(cancellationToken))
        {
            throw new ModelLoadException(Source.Address, $"{Source} could not be resolved: {error.Message}", error) { IsTransient = error is not EntityNotFoundException };
        }
    }

    /// <summary>Gets the files or the objects of a version into memory. Nothing of it is checked yet.</summary>
    private Task<LoadedModel> FetchAsync(ModelVersion version, CancellationToken cancellationToken) => _feed.LoadAsync(version, cancellationToken);
}
