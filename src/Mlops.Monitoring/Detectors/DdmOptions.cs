namespace Mlops.Monitoring;

/// <summary>The settings of a <see cref="Ddm"/> detector.</summary>
public sealed class DdmOptions
{
    /// <summary>Gets the number of values up to which it tells nothing.</summary>
    /// <value>The default value is 30.</value>
    public int WarmUpCount { get; init; } = 30;

    /// <summary>Gets how many standard deviations above the best error rate are a warning.</summary>
    /// <value>The default value is 2.</value>
    public double WarningThreshold { get; init; } = 2;

    /// <summary>Gets how many standard deviations above the best error rate are drift.</summary>
    /// <value>The default value is 3.</value>
    public double DriftThreshold { get; init; } = 3;
}
