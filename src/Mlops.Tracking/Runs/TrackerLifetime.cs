namespace Mlops.Tracking;

/// <summary>Knows what a tracker is doing for its callers, so that disposing can wait for it. Safe for concurrent use.</summary>
#pragma warning disable CA1001 // The source is never disposed: it has no timer, and somebody may look at it after the end.
internal sealed class TrackerLifetime
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;
    private int _uses;

    /// <summary>Gets what is cancelled when the tracker is disposed.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public bool IsStopping => _isStopping;

    /// <summary>Does something that disposing waits for.</summary>
    /// <exception cref="ObjectDisposedException">The tracker is disposed, or was while this was done.</exception>
    public async Task<T> UseAsync<T>(object owner, Func<Task<T>> use, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsStopping, owner);
            _uses++;
        }

        try
        {
            return await use().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsStopping && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(owner.GetType().FullName);
        }
        finally
        {
            lock (_lock)
            {
                if (--_uses == 0 && IsStopping) _idle.TrySetResult();
            }
        }
    }

    /// <summary>Lets nothing more begin, and waits for what goes on.</summary>
    /// <returns>Whether this was the first call; the others do not wait.</returns>
    public async Task<bool> StopAsync()
    {
        lock (_lock)
        {
            if (_isStopping) return false;
            _isStopping = true;
            if (_uses == 0) _idle.TrySetResult();
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _idle.Task.ConfigureAwait(false);
        return true;
    }
}
