namespace Mlops.Serving;

/// <summary>How many loads of a host are going on at once. Whoever waits comes in turn. Safe for concurrent use.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for has nothing to dispose.
internal sealed class LoadLimit(int most)
{
    private readonly SemaphoreSlim _places = new(most);

    /// <summary>Takes a place for a load. One that another load waits for does without: the other holds a place, and does nothing meanwhile.</summary>
    /// <param name="slot">Whose load it is.</param>
    /// <param name="onWaiting">Is told that it has to wait.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The place, which is given back when it is disposed.</returns>
    public async ValueTask<LoadPlace> TakeAsync(ModelSlot slot, Action onWaiting, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var taking = _places.WaitAsync(waiting.Token);
        if (!taking.IsCompleted)
        {
            var needed = slot.LoadNeed.Needed;
            if (!needed.IsCompleted) onWaiting();
            if (await Task.WhenAny(taking, needed).ConfigureAwait(false) != taking)
            {
                await waiting.CancelAsync().ConfigureAwait(false);
                await taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

                // A place that was given meanwhile is the caller's, also where it waits no more.
                if (!taking.IsCompletedSuccessfully)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return new LoadPlace(slot, null);
                }
            }
        }

        await taking.ConfigureAwait(false);
        return new LoadPlace(slot, _places);
    }
}
