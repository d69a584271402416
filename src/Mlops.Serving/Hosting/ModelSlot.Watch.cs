using Mlops.Tracking;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    private Task _reloading = Task.CompletedTask;
    private CancellationTokenSource? _superseded;
    private ModelVersion? _seen;

    /// <summary>Follows the source until the slot is closed, through every failure of it. The one place where the watching can fail.</summary>
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
                    if (_current is null || _isLastGood) await ReloadUntilSettledAsync(stopping).ConfigureAwait(false);
                    return;
                }

                await FollowAsync(() => failures = 0, stopping).ConfigureAwait(false);
                LogWatchEnded(Name, Source);
            }
            catch (NotSupportedException) when (_feed.PollInterval is { } interval)
            {
                LogWatchUnsupported(Name, Source, interval.TotalSeconds);
                await PollUntilStoppedAsync(interval, stopping).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                if (error.IsCancellation(stopping)) break;
                LogWatchFailed(error, Name, Source);
            }

            failures++;
            await PollAsync(stopping).ConfigureAwait(false);
            await WaitAsync(_services.Options.DelayAfter(failures), stopping).ConfigureAwait(false);
        }

        await AbandonReloadAsync().ConfigureAwait(false);
    }

    private async Task FollowAsync(Action onAlive, CancellationToken stopping)
    {
        var watch = _feed.WatchAsync(stopping).GetAsyncEnumerator(stopping);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next ??= watch.MoveNextAsync().AsTask();
                if (!await CompletesInTimeAsync(next, stopping).ConfigureAwait(false))
                {
                    // A watch that has gone silent is not believed.
                    await PollAsync(stopping).ConfigureAwait(false);
                    continue;
                }

                if (!await next.ConfigureAwait(false)) return;
                next = null;
                onAlive();
                _seen = watch.Current;
                await BeginReloadAsync(stopping).ConfigureAwait(false);
            }
        }
        finally
        {
            // A watch that does not heed its token must hold up nobody.
            if (next is null or { IsCompleted: true }) await watch.DisposeAsync().ConfigureAwait(false);
            else _ = DisposeLaterAsync(next, watch);
        }
    }

    private async Task<bool> CompletesInTimeAsync(Task next, CancellationToken stopping)
    {
        if (_feed.PollInterval is not { } interval)
        {
            await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(next, Task.Delay(interval, _services.Time, waiting.Token)).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        if (!next.IsCompleted) stopping.ThrowIfCancellationRequested();
        return next.IsCompleted;
    }

    private static async Task DisposeLaterAsync(Task next, IAsyncEnumerator<ModelVersion?> watch)
    {
        await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await watch.DisposeAsync().ConfigureAwait(false);
    }

    private async Task PollUntilStoppedAsync(TimeSpan interval, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await PollAsync(stopping).ConfigureAwait(false);
            await WaitAsync(interval, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Looks by itself what is to be served, and loads what has not been seen. Never fails: what cannot be told now is asked again.</summary>
    private async Task PollAsync(CancellationToken stopping)
    {
        try
        {
            var version = await _feed.ResolveAsync(stopping).ConfigureAwait(false);
            if (_seen is { } seen && IsSame(seen, version)) return;
            _seen = version;
            await BeginReloadAsync(stopping).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            if (!error.IsCancellation(stopping)) LogPollFailed(error, Name, Source);
        }
    }

    /// <summary>Loads what is to be served now. It supersedes what is still loading, or waiting for another attempt.</summary>
    private async Task BeginReloadAsync(CancellationToken stopping)
    {
        await AbandonReloadAsync().ConfigureAwait(false);
        _superseded = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _reloading = ReloadUntilSettledAsync(_superseded.Token);
    }

    private async Task AbandonReloadAsync()
    {
        if (_superseded is null) return;
        await _superseded.CancelAsync().ConfigureAwait(false);
        await _reloading.ConfigureAwait(false);
        _superseded.Dispose();
        _superseded = null;
    }

    /// <summary>Loads, again and again while only registry or store stand in the way. A version that is refused stays refused. Never fails.</summary>
    private async Task ReloadUntilSettledAsync(CancellationToken cancellationToken)
    {
        for (var failures = 1; !cancellationToken.IsCancellationRequested; failures++)
        {
            try
            {
                await ReloadAsync(cancellationToken, isAsked: false).ConfigureAwait(false);
                if (!_isLastGood) return;
            }
            // What is not registered may be so later.
            catch (ModelLoadException error) when (error.IsTransient || error.InnerException is EntityNotFoundException)
            {
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

            await WaitAsync(_services.Options.DelayAfter(failures), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, _services.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop that waited looks at the token.
        }
    }
}
