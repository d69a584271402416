namespace Mlops.Tracking;

/// <summary>What a new run is given.</summary>
public sealed record StartRunOptions
{
    /// <summary>Gets the name, for people: 1 to 250 characters, not only spaces.</summary>
    /// <value>The default value is <see langword="null"/>: the last eight digits of the identifier.</value>
    public string? Name { get; init; }

    /// <summary>Gets the identifier of the experiment, for one that may be renamed meanwhile; its name does not matter then.</summary>
    /// <value>The default value is <see langword="null"/>: the experiment is found, or made, by its name.</value>
    public string? ExperimentId { get; init; }

    /// <summary>Gets the run that this one is a part of. It is not looked for: as in MLflow, it may be one that the store does not have.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? ParentRunId { get; init; }

    /// <summary>Gets tags to begin with.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the seed of the run's random numbers, kept as the tag <see cref="RunTags.Seed"/>.</summary>
    /// <value>The default value is <see langword="null"/>: none is noted.</value>
    public long? Seed { get; init; }

    /// <summary>Gets how often the load of the machine and of the process is logged, as metrics <c>system/…</c>.</summary>
    /// <value>The default value is <see langword="null"/>: not at all. The least is 10 milliseconds, the most 49 days.</value>
    public TimeSpan? SystemMetricsInterval { get; init; }
}
