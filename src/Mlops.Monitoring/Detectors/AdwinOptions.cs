namespace Mlops.Monitoring;

/// <summary>The settings of an <see cref="Adwin"/> detector.</summary>
public sealed class AdwinOptions
{
    /// <summary>Gets the confidence of a cut, 0..1: smaller finds fewer changes.</summary>
    /// <value>The default value is 0.002.</value>
    public double Delta { get; init; } = 0.002;

    /// <summary>Gets how many values lie between two searches for a cut.</summary>
    /// <value>The default value is 32.</value>
    public int Clock { get; init; } = 32;

    /// <summary>Gets how many buckets of one size are kept; more is finer and slower.</summary>
    /// <value>The default value is 5.</value>
    public int MaximumBuckets { get; init; } = 5;

    /// <summary>Gets the number of values that both sides of a cut must have.</summary>
    /// <value>The default value is 5.</value>
    public int MinimumWindow { get; init; } = 5;

    /// <summary>Gets the number of values up to which no cut is looked for.</summary>
    /// <value>The default value is 10.</value>
    public int GracePeriod { get; init; } = 10;

    /// <summary>Gets whether it decides as river does: the newest bucket of each size is no place for a cut, and the whole window is dropped after a drift.</summary>
    /// <value>The default value is <see langword="false"/>: every place is looked at and the part after the cut is kept, as in the paper.</value>
    public bool IsRiverCompatible { get; init; }
}
