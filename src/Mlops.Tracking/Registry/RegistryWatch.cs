using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>Watches what an address points to: at once for changes of this process, and for those of others as the store tells them, can be asked for them, or by looking again.</summary>
/// <param name="options">How often to look.</param>
/// <param name="time">The clock.</param>
/// <param name="findChanges">Opens what tells of changes of others; <see langword="null"/> where there are no others.</param>
internal sealed class RegistryWatch(RegistryOptions options, TimeProvider time, Func<CancellationToken, ValueTask<RelationalChanges?>>? findChanges = null)
{
    private readonly ChangeSignal _changed = new();
    private long _changes;

    /// <summary>Tells that this process has changed something.</summary>
    public void Pulse()
    {
        Interlocked.Increment(ref _changes);
        _changed.Pulse();
    }

    /// <summary>Reads the number that every change makes another one.</summary>
    public ValueTask<long?> ReadVersionAsync(CancellationToken cancellationToken)
    {
        if (findChanges is null) return ValueTask.FromResult<long?>(Interlocked.Read(ref _changes));
        var finding = findChanges(cancellationToken);
        if (!finding.IsCompletedSuccessfully) return FindAndReadAsync(finding, cancellationToken);
        if (finding.GetAwaiter().GetResult() is not { } changes) return ValueTask.FromResult<long?>(null);
        var reading = changes.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? ValueTask.FromResult(Combine(reading.GetAwaiter().GetResult())) : CombineAsync(reading);
    }

    public async IAsyncEnumerable<ModelVersion> WatchAsync(IModelResolver resolver, ModelUri uri, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (int Version, string Digest)? delivered = null;
        while (true)
        {
            // Both are taken before looking, so that no change falls between.
            var next = _changed.Next;
            var changes = findChanges is null ? null : await findChanges(cancellationToken).ConfigureAwait(false);
            var told = changes?.Next;
            var seen = await ReadVersionAsync(cancellationToken).ConfigureAwait(false);
            if (await TryResolveAsync(resolver, uri, cancellationToken).ConfigureAwait(false) is { } version && delivered != (version.Version, version.Digest))
            {
                delivered = (version.Version, version.Digest);
                yield return version;
                continue;
            }

            await WaitAsync(next, told, changes, seen, cancellationToken).ConfigureAwait(false);
        }
    }

    // Where the store can be asked within microseconds it is asked often, and nothing is looked for until it has changed.
    private async Task WaitAsync(Task next, Task? told, RelationalChanges? changes, long? seen, CancellationToken cancellationToken)
    {
        var isAsked = changes is { IsPushed: false } && seen is not null;
        var interval = isAsked ? options.ChangeCheckInterval : options.PollInterval;
        do
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var delay = Task.Delay(interval, time, waiting.Token);
            await (told is null ? Task.WhenAny(next, delay) : Task.WhenAny(next, told, delay)).ConfigureAwait(false);
            await waiting.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
        while (isAsked && !next.IsCompleted && await ReadVersionAsync(cancellationToken).ConfigureAwait(false) == seen);
    }

    private async ValueTask<long?> FindAndReadAsync(ValueTask<RelationalChanges?> finding, CancellationToken cancellationToken)
        => await finding.ConfigureAwait(false) is { } changes ? Combine(await changes.ReadAsync(cancellationToken).ConfigureAwait(false)) : null;

    private async ValueTask<long?> CombineAsync(ValueTask<long?> reading) => Combine(await reading.ConfigureAwait(false));

    // A notification of our own change may still be on its way, so this process counts its own as well; both numbers only grow.
    private long? Combine(long? told) => told is { } number ? unchecked((number << 32) + Interlocked.Read(ref _changes)) : null;

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
            // A watcher outlives a store that is away for a while; the next look finds it.
            return null;
        }
    }
}
