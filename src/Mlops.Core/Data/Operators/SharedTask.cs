namespace Mlops.Data;

/// <summary>Makes a value once, at first need. Callers at the same time share one attempt, which ends when none of them waits any longer; an attempt that fails is forgotten.</summary>
internal sealed class SharedTask<T>(Func<CancellationToken, Task<T>> make)
{
    private readonly Lock _lock = new();
    private Attempt? _attempt;

    /// <summary>Gets the value.</summary>
    /// <param name="cancellationToken">Ends this caller's waiting, but not what others wait for.</param>
    public async Task<T> GetAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Attempt attempt;
        lock (_lock)
        {
            if (_attempt is null || _attempt.Task.IsFaulted || _attempt.Task.IsCanceled) _attempt = new Attempt(make);
            attempt = _attempt;
            attempt.Waiters++;
        }

        try
        {
            return await attempt.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(attempt);
        }
    }

    private void Leave(Attempt attempt)
    {
        lock (_lock)
        {
            if (--attempt.Waiters > 0 || attempt.Task.IsCompletedSuccessfully) return;
            if (_attempt == attempt) _attempt = null;
        }

        attempt.Cancel();
    }

#pragma warning disable CA1001 // A source without a timer holds nothing that must be disposed, and nobody knows who needs it last.
    private sealed class Attempt
#pragma warning restore CA1001
    {
        private readonly CancellationTokenSource _source = new();

        // On its own thread: the caller that comes first must be able to stop waiting, and must not hold the lock while it works.
        public Attempt(Func<CancellationToken, Task<T>> make) => Task = System.Threading.Tasks.Task.Run(() => make(_source.Token));

        public Task<T> Task { get; }

        public int Waiters { get; set; }

        public void Cancel() => _source.Cancel();
    }
}
