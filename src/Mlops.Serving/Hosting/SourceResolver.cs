using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Asks a source what to serve, in bounded time. Safe for concurrent use.</summary>
internal sealed class SourceResolver(ModelSource source, IModelFeed feed, TimeSpan timeout, TimeProvider time)
{
    /// <summary>Asks the source.</summary>
    /// <exception cref="ModelLoadException">It does not say, or not in time.</exception>
    public async Task<ModelVersion> ResolveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TimedWork.RunAsync(feed.ResolveAsync, timeout, time, _ => LetGo(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not ModelLoadException && !error.IsCancellation(cancellationToken))
        {
            throw new ModelLoadException(source.Address, $"{source} could not be resolved: {error.Message}", error) { IsTransient = error is not EntityNotFoundException };
        }
    }

    private TimeoutException LetGo() => new(string.Create(CultureInfo.InvariantCulture, $"it has not answered for {timeout.TotalSeconds:0.###} s."));
}
