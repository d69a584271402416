namespace Mlops.Tracking;

/// <summary>Tells cheaply whether anything in a database has changed, whoever changed it. Safe for concurrent use.</summary>
/// <remarks>Made and disposed by the <see cref="RelationalDialect"/>.</remarks>
public abstract class RelationalChanges : IAsyncDisposable
{
    /// <summary>Gets whether changes are told as they happen, so that nobody has to ask again and again.</summary>
    public abstract bool IsPushed { get; }

    /// <summary>Gets the task that completes with the next change that is told; one that never completes where <see cref="IsPushed"/> is <see langword="false"/>.</summary>
    public abstract Task Next { get; }

    /// <summary>Reads a number that is another one after every change. Takes microseconds.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The number; <see langword="null"/> when changes may be missed at present, because the connection is down.</returns>
    public abstract ValueTask<long?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Closes the connection.</summary>
    /// <returns>A task that completes when it is closed.</returns>
    public abstract ValueTask DisposeAsync();
}
