namespace Mlops.Tracking;

/// <summary>Conveniences over <see cref="IRunStore"/>.</summary>
public static class RunStoreExtensions
{
    /// <summary>Ends a run.</summary>
    /// <param name="store">The store.</param>
    /// <param name="runId">The run.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="endTime">When it ended.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the end is durable.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    /// <exception cref="RunFinishedException">The run had ended before.</exception>
    public static Task EndRunAsync(this IRunStore store, string runId, RunStatus status, DateTimeOffset endTime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.UpdateRunAsync(runId, new RunChanges { End = new RunEnd(status, endTime) }, cancellationToken);
    }
}
