namespace Mlops.Serving;

/// <summary>Runs work that may hang, on a thread of its own as far as it takes one.</summary>
internal static class TimedWork
{
    /// <summary>What heeds its token at all ends sooner; what does not would hold up a shutdown.</summary>
    private static readonly TimeSpan s_longestEnd = TimeSpan.FromSeconds(5);

    /// <summary>Runs work, and lets it go when it has not ended in time, or a moment after it was cancelled: nobody waits for it any more.</summary>
    /// <param name="work">The work; its token is cancelled when the caller's is, or when it is let go.</param>
    /// <param name="timeout">How long it is waited for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onLetGo">Takes over the work that is let go, and makes the exception that tells of it.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public static async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> work, TimeSpan timeout, TimeProvider time, Func<Task<T>, Exception> onLetGo, CancellationToken cancellationToken)
    {
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Task.Run(() => work(cancellation.Token), CancellationToken.None);
        await ((Task)running).WaitAsync(timeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var isCancelled = cancellationToken.IsCancellationRequested;
        if (isCancelled) await WaitBrieflyAsync(running, time).ConfigureAwait(false);
        if (running.IsCompleted)
        {
            cancellation.Dispose();
            return await running.ConfigureAwait(false);
        }

        _ = CancelAsync(running, cancellation);
        var error = onLetGo(running);
        throw isCancelled ? new OperationCanceledException(cancellationToken) : error;
    }

    /// <summary>Waits for the end of what nobody needs any more, but not for long: it may hang. What it throws is not told.</summary>
    public static async Task WaitBrieflyAsync(Task work, TimeProvider time)
        => await work.WaitAsync(s_longestEnd, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task CancelAsync(Task running, CancellationTokenSource cancellation)
    {
        // What the work does when it is cancelled may hang or fail like the work itself.
        await cancellation.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.Dispose();
    }
}
