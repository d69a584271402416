namespace Mlops.Serving;

/// <summary>How many loads of a host are going on at once. Whoever waits comes in turn. Safe for concurrent use.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for has nothing to dispose.
internal sealed class LoadLimit(int most)
{
    private readonly SemaphoreSlim _places = new(most);

    /// <summary>Takes a place, which is given back when it is disposed.</summary>
    public async ValueTask<Place> TakeAsync(Action onWaiting, CancellationToken cancellationToken)
    {
        var taking = _places.WaitAsync(cancellationToken);
        if (!taking.IsCompleted) onWaiting();
        await taking.ConfigureAwait(false);
        return new Place(_places);
    }

    public readonly struct Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
