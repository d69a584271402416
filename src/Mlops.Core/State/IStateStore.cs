namespace Mlops.State;

/// <summary>Keeps small values that several hosts agree on: alerts, routes, label joins, claims, single flight.</summary>
/// <remarks>Safe for concurrent use, also by several processes where the store is shared. Keys use <c>/</c> and are compared ordinally.</remarks>
public interface IStateStore
{
    /// <summary>Reads a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The value, or <see langword="null"/>.</returns>
    Task<StateEntry?> GetAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Writes or deletes a value if nobody else has in the meantime.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; <see langword="null"/> to delete it.</param>
    /// <param name="expectedETag">The tag of the content that is to be replaced; <see langword="null"/> when there must be none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether the value was written; <see langword="false"/> when the present content is another one.</returns>
    Task<bool> CompareAndSetAsync(string key, ReadOnlyMemory<byte>? value, string? expectedETag, CancellationToken cancellationToken = default);

    /// <summary>Takes a lease: at most one holder at a time, until it is disposed or its time is over.</summary>
    /// <param name="key">What the lease is for; leases and values do not share keys.</param>
    /// <param name="duration">How long it lasts unless it is renewed.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The lease, or <see langword="null"/> when somebody else holds it.</returns>
    Task<IStateLease?> TryAcquireLeaseAsync(string key, TimeSpan duration, CancellationToken cancellationToken = default);

    /// <summary>Lists values.</summary>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The values, ordered by key.</returns>
    IAsyncEnumerable<StateEntry> ListAsync(string prefix, CancellationToken cancellationToken = default);
}
