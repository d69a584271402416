namespace Mlops.Tracking;

/// <summary>How a <see cref="Tracker"/> buffers what is logged, and how its runs show that they live.</summary>
public sealed class TrackerOptions
{
    /// <summary>Gets or sets how long after its process stops renewing it a run counts as abandoned; it is renewed every third of this.</summary>
    /// <value>The default value is 30 seconds.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many entries (measurements, params, tags, inputs) a run keeps in memory before logging waits for the store.</summary>
    /// <value>The default value is 65,536 entries.</value>
    public int BufferCapacity { get; set; } = 65_536;

    /// <summary>Gets or sets the largest number of measurements that are written in one batch.</summary>
    /// <value>The default value is 10,000 measurements.</value>
    public int MaxBatchSize { get; set; } = 10_000;

    /// <summary>Gets or sets how long an entry may stay in memory before it is written without anybody asking.</summary>
    /// <value>The default value is 1 second.</value>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets for how long a write that fails for a passing reason is repeated before the failure is reported.</summary>
    /// <value>The default value is 1 minute.</value>
    public TimeSpan RetryDuration { get; set; } = TimeSpan.FromMinutes(1);

    internal TrackerOptions Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaseDuration, TimeSpan.FromMilliseconds(3), nameof(LeaseDuration));
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferCapacity, 1, nameof(BufferCapacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchSize, 1, nameof(MaxBatchSize));
        ArgumentOutOfRangeException.ThrowIfLessThan(FlushInterval, TimeSpan.FromMilliseconds(1), nameof(FlushInterval));
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDuration, TimeSpan.Zero, nameof(RetryDuration));
        return this;
    }
}
