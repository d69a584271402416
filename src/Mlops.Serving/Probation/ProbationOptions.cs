namespace Mlops.Serving;

/// <summary>How long a new version of a model is on probation, and what it must not do meanwhile: until then the version before it stays loaded, and the host switches back to it by itself.</summary>
/// <remarks>
/// A guard is passed only when the predictions so far rule out that the model keeps to it, at the risk of <see cref="FalseRollbackRatio"/>: one failure among three calls rolls nothing back.
/// Failures are those of the model: not rejections, cancellations, or inputs that do not fit the signature. A row that the model refuses for its values is one, because nobody can tell whether the row is wrong or the
/// model: where callers send such rows, <see cref="MaxErrorRatio"/> is above their part.
/// </remarks>
public sealed class ProbationOptions
{
    /// <summary>Gets or sets how long the probation lasts at least.</summary>
    /// <value>The default value is 5 minutes; from 1 millisecond to 49 days.</value>
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets after how many predictions the probation ends at the earliest.</summary>
    /// <value>The default value is 200 predictions.</value>
    public int MinPredictions { get; set; } = 200;

    /// <summary>Gets or sets how long the probation lasts at most, however few predictions there were. Both versions are in memory until then.</summary>
    /// <value>The default value is 1 hour; at least <see cref="Duration"/>, <see cref="TimeSpan.MaxValue"/> for no limit.</value>
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets which part of its predictions may fail by the model's fault.</summary>
    /// <value>The default value is 0.05; from 0 to 1, which guards nothing.</value>
    public double MaxErrorRatio { get; set; } = 0.05;

    /// <summary>Gets or sets how long a prediction, from call to answer, may take, apart from a part of <c>1 −</c> <see cref="LatencyQuantile"/> of them.</summary>
    /// <value>The default value is <see langword="null"/>: only <see cref="MaxSlowdown"/> holds.</value>
    public TimeSpan? MaxLatency { get; set; }

    /// <summary>
    /// Gets or sets how many times as long as by the version before a prediction may take at <see cref="LatencyQuantile"/>. What the version before took is measured while the new one is loaded,
    /// or where too few predictions came meanwhile, when it began to serve; where these are too few as well (about 150), the guard does not hold.
    /// </summary>
    /// <value>The default value is 5; <see langword="null"/> guards nothing.</value>
    public double? MaxSlowdown { get; set; } = 5;

    /// <summary>Gets or sets which quantile of the latency is guarded.</summary>
    /// <value>The default value is 0.95; between 0 and 1.</value>
    public double LatencyQuantile { get; set; } = 0.95;

    /// <summary>Gets or sets the probability that a version which keeps to all guards is rolled back nevertheless, however long its probation.</summary>
    /// <value>The default value is 0.001; between 0 and 1.</value>
    public double FalseRollbackRatio { get; set; } = 0.001;

    internal ProbationOptions Copy() => (ProbationOptions)MemberwiseClone();

    internal void Validate()
    {
        WaitLimit.CheckInterval(Duration, nameof(Duration));
        ArgumentOutOfRangeException.ThrowIfNegative(MinPredictions);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDuration, Duration, nameof(MaxDuration));
        if (!(MaxErrorRatio is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(MaxErrorRatio), MaxErrorRatio, "A ratio is from 0 to 1.");
        if (MaxLatency is { } latency) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(latency, TimeSpan.Zero, nameof(MaxLatency));
        if (MaxSlowdown is { } slowdown && !(slowdown >= 1 && double.IsFinite(slowdown))) throw new ArgumentOutOfRangeException(nameof(MaxSlowdown), slowdown, "A slowdown is a finite number of at least 1.");
        if (!(LatencyQuantile is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(LatencyQuantile), LatencyQuantile, "The quantile is between 0 and 1.");
        if (!(FalseRollbackRatio is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(FalseRollbackRatio), FalseRollbackRatio, "The probability is between 0 and 1.");
    }
}
