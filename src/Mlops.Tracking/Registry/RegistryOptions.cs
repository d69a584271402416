namespace Mlops.Tracking;

/// <summary>How a model registry notices changes.</summary>
public sealed class RegistryOptions
{
    /// <summary>Gets or sets how often a watcher looks for changes made by other processes where the store neither tells them nor can be asked cheaply; changes of this process are seen at once.</summary>
    /// <value>The default value is 1 second, the least 1 millisecond, the most 49 days.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how often a watcher asks a store that answers within microseconds whether anything has changed at all; SQLite is one.</summary>
    /// <value>The default value is 50 milliseconds, the least 1 millisecond, the most 49 days.</value>
    public TimeSpan ChangeCheckInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets or sets how long a resolved address is kept at most by <see cref="CachedModelResolver"/>, though the store has told of no change.</summary>
    /// <value>The default value is 30 seconds; <see cref="PollInterval"/> where the store does not tell of changes. Zero keeps nothing.</value>
    public TimeSpan MaxCacheAge { get; set; } = TimeSpan.FromSeconds(30);

    internal RegistryOptions Check()
    {
        // Shorter waits are none: a watcher would keep a processor busy.
        TimerRange.Check(PollInterval, TimeSpan.FromMilliseconds(1), nameof(PollInterval));
        TimerRange.Check(ChangeCheckInterval, TimeSpan.FromMilliseconds(1), nameof(ChangeCheckInterval));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCacheAge, TimeSpan.Zero, nameof(MaxCacheAge));
        return this;
    }
}
