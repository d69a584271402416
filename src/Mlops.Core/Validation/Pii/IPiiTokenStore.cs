namespace Mlops.Validation;

/// <summary>Keeps what tokens stand for, sealed: a store never sees a value. Safe for concurrent use, also by several processes where the store is shared.</summary>
public interface IPiiTokenStore
{
    /// <summary>Keeps tokens. A token that is kept already with the same content is left as it is.</summary>
    /// <param name="tokens">The sealed values, by token; not retained.</param>
    /// <param name="cancellationToken">Cancels the operation; some tokens may have been kept.</param>
    /// <returns>A task that completes when all are kept.</returns>
    /// <exception cref="EntityConflictException">A token is kept already with other content.</exception>
    Task AddAsync(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken = default);

    /// <summary>Finds what a token stands for.</summary>
    /// <param name="token">The token.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The sealed value; <see langword="null"/> where the token is not kept.</returns>
    Task<ReadOnlyMemory<byte>?> FindAsync(string token, CancellationToken cancellationToken = default);
}
