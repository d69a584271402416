namespace Mlops.Serving;

/// <summary>How <see cref="ModelHost"/> works.</summary>
public sealed class ModelHostOptions
{
    /// <summary>Gets or sets whether the addresses are watched and a model is swapped when its address points to another version.</summary>
    /// <value>The default value is <see langword="true"/>. An address of a fixed version is never watched.</value>
    public bool AutoReload { get; set; } = true;

    /// <summary>Gets or sets how often the registry is asked where an address points to though it told of no change: its watch may be silent, fail or be missing. Models that are loaded on first use are not watched; all of them that are in memory are asked after so often.</summary>
    /// <value>The default value is 30 seconds; the least 1 millisecond, the most 49 days.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets whether a model of a registry that cannot be reached when it is to be loaded is served as it was served last, from the loader's cache, until the registry is back.
    /// A registry that answers that there is no such version is not out of reach: this holds then only for a model that was served already and evicted since.
    /// </summary>
    /// <value>The default value is <see langword="true"/>. <see cref="HostedModelStatus.IsLastGood"/> and a warning in the log tell of it.</value>
    public bool ServeLastGood { get; set; } = true;

    /// <summary>Gets or sets whether a host application fails to start when one of its models cannot be loaded.</summary>
    /// <value>
    /// The default value is <see langword="true"/>. Otherwise predictions are rejected until the model is there, and with <see cref="AutoReload"/> loading is tried again and again while what stands in the way may pass: a registry, a store or a disk.
    /// </value>
    public bool RequireModelsAtStart { get; set; } = true;

    /// <summary>Gets or sets whether a new generation predicts batches before it serves: those of <see cref="HostedModelOptions.WarmUpRows"/> and <see cref="HostedModelOptions.WarmUpShapes"/>. A version that fails on one is refused.</summary>
    /// <value>The default value is <see langword="true"/>. Golden rows are predicted in any case, where there are some.</value>
    public bool WarmUp { get; set; } = true;

    /// <summary>Gets or sets how far an output may be off its golden row, relative to its size (absolute below 1).</summary>
    /// <value>The default value is 0.0001.</value>
    public double GoldenRowsTolerance { get; set; } = 1e-4;

    /// <summary>Gets or sets how long to wait after a failure of the registry or the artifact store before the next attempt; doubled after every further one.</summary>
    /// <value>The default value is 1 second; the least 1 millisecond, the most 49 days.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the longest wait between two attempts.</summary>
    /// <value>The default value is 1 minute; the least <see cref="RetryDelay"/>, the most 49 days.</value>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long disposing the host waits for running predictions. A generation still in use then is disposed when its last prediction ends.</summary>
    /// <value>The default value is 30 seconds; from 0 to 49 days, <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how much memory the models may take. Where another one would take more, the least recently used of those that are loaded on first use and not in use are evicted; uses less than a tenth of <see cref="HangTimeout"/> apart, at most 5 seconds, may count as equally recent.</summary>
    /// <value>
    /// In bytes; at least 1. The default value is <see langword="null"/>: no bound, nothing is evicted. What a model takes is what an <see cref="Mlops.Models.ISizedModel"/> says, else the size of its directory.
    /// Models that are loaded at start, and new versions of loaded ones, are let in all the same, with a warning, when nothing more can be evicted; and of those that are loaded on first use always one, so that one larger
    /// than the budget serves, too.
    /// </value>
    public long? MemoryBudgetBytes { get; set; }

    /// <summary>Gets or sets how many models are loaded at once, at most. Others wait for their turn: what is being loaded takes memory and processors beside the models that serve. A model that another one needs while it is loaded takes part in the turn of that one.</summary>
    /// <value>The default value is the number of processors, but 2 at least; at least 1.</value>
    public int MaxConcurrentLoads { get; set; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>
    /// Gets or sets how long a source may take to say what to serve, and then a load from its first file to its last warm-up; waiting for other loads does not count. What takes longer is let go: the load fails,
    /// the present generation goes on, and whatever the load gives later is disposed.
    /// </summary>
    /// <value>The default value is 10 minutes; the most 49 days, <see cref="Timeout.InfiniteTimeSpan"/> for no limit. <see cref="HostedModelOptions.LoadTimeout"/> is that of one model.</value>
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets after how long a running prediction counts as hanging: it is logged and counted, and health checks report it. A model that is served with batching has <see cref="BatchingOptions.HangTimeout"/> instead.</summary>
    /// <value>The default value is 30 seconds; <see cref="Timeout.InfiniteTimeSpan"/> watches no calls.</value>
    public TimeSpan HangTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets what bounds how many batches run at the same time, over all models that are served with batching.</summary>
    /// <value>The default value is <see langword="null"/>: the host has a budget of its own, of as many slots as there are processors.</value>
    public ComputeBudget? ComputeBudget { get; set; }

    internal ModelHostOptions Copy() => (ModelHostOptions)MemberwiseClone();

    internal void Validate()
    {
        if (!(GoldenRowsTolerance >= 0))
            throw new ArgumentOutOfRangeException(nameof(GoldenRowsTolerance), GoldenRowsTolerance, "A tolerance is not negative.");
        WaitLimit.CheckInterval(PollInterval, nameof(PollInterval));
        if (MemoryBudgetBytes is { } bytes) ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1, nameof(MemoryBudgetBytes));
        WaitLimit.CheckInterval(RetryDelay, nameof(RetryDelay));
        WaitLimit.CheckInterval(MaxRetryDelay, nameof(MaxRetryDelay));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryDelay, RetryDelay, nameof(MaxRetryDelay));
        if (HangTimeout != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HangTimeout, TimeSpan.Zero, nameof(HangTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentLoads, 1, nameof(MaxConcurrentLoads));
        WaitLimit.CheckTimeout(LoadTimeout, nameof(LoadTimeout));
        WaitLimit.CheckTimeout(DrainTimeout, nameof(DrainTimeout), isZeroAllowed: true);
    }

    /// <summary>The wait before the attempt that follows a number of failures in a row, ≥ 1.</summary>
    internal TimeSpan DelayAfter(int failures)
    {
        var delay = RetryDelay;
        for (var i = 1; i < failures && delay < MaxRetryDelay; i++) delay *= 2;
        return delay < MaxRetryDelay ? delay : MaxRetryDelay;
    }
}
