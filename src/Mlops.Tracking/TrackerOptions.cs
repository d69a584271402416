namespace Mlops.Tracking;

/// <summary>How a <see cref="Tracker"/> buffers what is logged, and how its runs show that they live.</summary>
public sealed class TrackerOptions
{
    /// <summary>Gets or sets how long after its process stops renewing it a run counts as abandoned; it is renewed every third of this, and others' abandoned runs are looked for each time it is over.</summary>
    /// <value>The default value is 30 seconds, the least 3 milliseconds, the most 49 days.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many entries (measurements, params, tags, inputs) the tracker keeps in memory before logging waits for the store. Each thread that logs to a run may take room for 64 more.</summary>
    /// <value>The default value is 65,536 entries, the least 1.</value>
    /// <remarks>A thread reserves room for up to 1,024 measurements at once. Where all of it is reserved, the next thread waits until a pass of the writer is over, and then gets room for 64.</remarks>
    public int BufferCapacity { get; set; } = 65_536;

    /// <summary>Gets or sets about how many bytes of params, tags, names and inputs the tracker keeps in memory before logging them waits for the store. A single entry may be larger.</summary>
    /// <value>The default value is 64 MiB, the least 1 byte. Measurements do not count: each takes 40 bytes.</value>
    public long BufferBytes { get; set; } = 1L << 26;

    /// <summary>Gets or sets the largest number of measurements that are written in one batch.</summary>
    /// <value>The default value is 10,000 measurements, the least 1.</value>
    public int MaxBatchSize { get; set; } = 10_000;

    /// <summary>Gets or sets how long an entry may stay in memory before it is written without anybody asking.</summary>
    /// <value>The default value is 1 second, the least 1 millisecond, the most 49 days.</value>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets for how long a write that fails for a passing reason is repeated before the entries go to the spool or, without one, the failure is reported.</summary>
    /// <value>The default value is 5 seconds; zero repeats nothing.</value>
    public TimeSpan RetryDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets whether values of params and tags, and names of runs, that are longer than the store keeps are cut; otherwise logging them throws.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool TruncateLongValues { get; set; }

    /// <summary>Gets or sets whether runs are tagged with where they ran: user, program, commit, branch and repository, and a file of packages, runtime, system and uncommitted changes.</summary>
    /// <value>The default value is <see langword="true"/>. It is looked up once per process, in the background, and never lets a run fail.</value>
    public bool CaptureEnvironment { get; set; } = true;

    /// <summary>Gets where entries go while the store cannot be written.</summary>
    public SpoolOptions Spool { get; } = new();

    /// <summary>Gets which params and tags are secret.</summary>
    public SecretOptions Secrets { get; } = new();

    /// <summary>Gets or sets the process that holds the runs, so that tests can have several.</summary>
    internal RunOwner? Owner { get; set; }

    internal TrackerOptions Check()
    {
        TimerRange.Check(LeaseDuration, TimeSpan.FromMilliseconds(3), nameof(LeaseDuration));
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferCapacity, 1, nameof(BufferCapacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferBytes, 1, nameof(BufferBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchSize, 1, nameof(MaxBatchSize));
        TimerRange.Check(FlushInterval, TimeSpan.FromMilliseconds(1), nameof(FlushInterval));
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDuration, TimeSpan.Zero, nameof(RetryDuration));
        Spool.Check();
        _ = new SecretMask(Secrets);
        return this;
    }
}
