namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    /// <summary>Follows the source until the slot is closed, through every failure of the registry. The one place where the watching can fail.</summary>
    private async Task WatchAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (_feed.IsFixed)
                {
                    // It has to be loaded once.
                    await ReloadUntilSettledAsync(stopping).ConfigureAwait(false);
                    return;
                }

                await FollowAsync(() => failures = 0, stopping).ConfigureAwait(false);
                LogWatchEnded(Name, Source);
            }
            catch (Exception error)
            {
                if (error.IsCancellation(stopping)) return;
                LogWatchFailed(error, Name, Source);
            }

            failures++;
            await WaitAsync(failures, stopping).ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(Action onAlive, CancellationToken stopping)
    {
        var loading = Task.CompletedTask;
        CancellationTokenSource? superseded = null;
        try
        {
            await foreach (var _ in _feed.WatchAsync(stopping).ConfigureAwait(false))
            {
                onAlive();

                // A newer version supersedes the one that is still loading, or waiting for another attempt.
                await AbandonAsync(superseded, loading).ConfigureAwait(false);
                superseded = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                loading = ReloadUntilSettledAsync(superseded.Token);
            }
        }
        finally
        {
            await AbandonAsync(superseded, loading).ConfigureAwait(false);
        }

        static async Task AbandonAsync(CancellationTokenSource? superseded, Task loading)
        {
            if (superseded is null) return;
            await superseded.CancelAsync().ConfigureAwait(false);
            await loading.ConfigureAwait(false);
            superseded.Dispose();
        }
    }

    /// <summary>Loads, again and again while only registry or store stand in the way. A version that is refused stays refused. Never fails.</summary>
    private async Task ReloadUntilSettledAsync(CancellationToken cancellationToken)
    {
        for (var failures = 1; !cancellationToken.IsCancellationRequested; failures++)
        {
            try
            {
                await ReloadAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            // What is not registered may be so later.
            catch (ModelLoadException error) when (error.IsTransient || error.InnerException is EntityNotFoundException)
            {
                await WaitAsync(failures, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelLoadException)
            {
                return; // Logged where it happened.
            }
            catch (Exception error)
            {
                if (!error.IsCancellation(cancellationToken) && !_isClosed) LogWatchFailed(error, Name, Source);
                return;
            }
        }
    }

    private async Task WaitAsync(int failures, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(_services.Options.DelayAfter(failures), _services.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop that waited looks at the token.
        }
    }
}
