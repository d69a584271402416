namespace Mlops.Tracking;

/// <summary>Keeps the leases by which running runs show that their process lives.</summary>
/// <remarks>
/// <para>Safe for concurrent use, also by several processes where the store is shared. A run without a lease is held by no process and never taken for abandoned; neither is a deleted one, until it is restored.</para>
/// <para>Leases are durations, not times: one and the same clock, the store's, says when they begin and whether they are over. A store that several hosts share has a clock that they share, so that theirs need not agree.</para>
/// </remarks>
public interface IRunLeaseStore
{
    /// <summary>Makes the leases of running runs last longer.</summary>
    /// <param name="runIds">The runs that the process holds; those that it does not hold, or not any more, are passed over.</param>
    /// <param name="lease">The process, and for how long from now.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the leases are durable.</returns>
    Task RenewLeasesAsync(IReadOnlyCollection<string> runIds, RunLease lease, CancellationToken cancellationToken = default);

    /// <summary>Ends every running run whose lease is over or whose process is known to have died, as <see cref="RunStatus.Killed"/>, now, with the process as the reason in the tag <see cref="RunTags.Error"/>.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The runs that were ended.</returns>
    Task<IReadOnlyList<string>> EndAbandonedRunsAsync(CancellationToken cancellationToken = default);
}
