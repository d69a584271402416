using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>Watches what an address points to: at once for changes of this process, by polling for those of others.</summary>
internal sealed class RegistryWatch(RegistryOptions options, TimeProvider time)
{
    private readonly ChangeSignal _changed = new();

    public void Pulse() => _changed.Pulse();

    public async IAsyncEnumerable<ModelVersion> WatchAsync(IModelResolver resolver, ModelUri uri, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (int Version, string Digest)? delivered = null;
        while (true)
        {
            var next = _changed.Next;
            if (await TryResolveAsync(resolver, uri, cancellationToken).ConfigureAwait(false) is { } version && delivered != (version.Version, version.Digest))
            {
                delivered = (version.Version, version.Digest);
                yield return version;
                continue;
            }

            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(next, Task.Delay(options.PollInterval, time, waiting.Token)).ConfigureAwait(false);
            await waiting.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task<ModelVersion?> TryResolveAsync(IModelResolver resolver, ModelUri uri, CancellationToken cancellationToken)
    {
        try
        {
            return await resolver.ResolveAsync(uri, cancellationToken).ConfigureAwait(false);
        }
        catch (EntityNotFoundException)
        {
            return null;
        }
        catch (StorageException error) when (error.IsTransient)
        {
            // A watcher outlives a store that is away for a while; the next poll looks again.
            return null;
        }
    }
}
