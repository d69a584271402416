namespace Mlops.Monitoring;

/// <summary>The settings of a <see cref="PageHinkley"/> detector.</summary>
public sealed class PageHinkleyOptions
{
    /// <summary>Gets the number of values before which it tells nothing.</summary>
    /// <value>The default value is 30.</value>
    public int MinimumCount { get; init; } = 30;

    /// <summary>Gets the change of the mean that is tolerated, in the unit of the values.</summary>
    /// <value>The default value is 0.005.</value>
    public double Delta { get; init; } = 0.005;

    /// <summary>Gets the cumulated deviation that is drift, in the unit of the values; the test is not scale free, so choose it for the stream.</summary>
    /// <value>The default value is 50.</value>
    public double Threshold { get; init; } = 50;

    /// <summary>Gets the share of the cumulated deviation that a value leaves, 0..1.</summary>
    /// <value>The default value is 0.9999.</value>
    public double Alpha { get; init; } = 0.9999;

    /// <summary>Gets the changes it looks for.</summary>
    /// <value>The default value is <see cref="DriftDirection.Both"/>.</value>
    public DriftDirection Direction { get; init; } = DriftDirection.Both;
}
