namespace Mlops.Validation;

/// <summary>What a history keeps.</summary>
public sealed record MetricHistoryOptions
{
    /// <summary>Gets how many values of each metric are kept, the newest ones; 1 or more.</summary>
    /// <value>The default value is 1000.</value>
    public int MaximumPoints { get; init; } = 1000;

    /// <summary>Gets which figures of profiles are kept, by name; <c>*</c> stands for any characters. Values that are added by name are always kept.</summary>
    /// <value>The default value is <c>*</c>: all. A profile has about 18 figures of a column of numbers, each of some 20 bytes a run; of wide datasets choose.</value>
    public IReadOnlyList<string> Metrics { get; init; } = ["*"];

    internal static MetricHistoryOptions Default { get; } = new();

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumPoints, 1, nameof(MaximumPoints));
        ArgumentNullException.ThrowIfNull(Metrics, nameof(Metrics));
    }
}
