namespace Mlops.State;

/// <summary>A lease that is held; disposing gives it back.</summary>
public interface IStateLease : IAsyncDisposable
{
    /// <summary>Gets what the lease is for.</summary>
    string Key { get; }

    /// <summary>Gets when it ends unless it is renewed.</summary>
    DateTimeOffset ExpiresAt { get; }

    /// <summary>Makes it last for its duration from now on.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether it is still held; <see langword="false"/> when its time was over and somebody else took it.</returns>
    Task<bool> RenewAsync(CancellationToken cancellationToken = default);
}
