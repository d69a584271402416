namespace Mlops.Profiles;

/// <summary>What a profile describes, and how exactly.</summary>
public sealed record DatasetProfileOptions
{
    /// <summary>Gets the accuracy of quantiles, 8 to 65535 (<see cref="KllSketch.K"/>).</summary>
    /// <value>The default value is 200: a rank is off by at most 1.33 % of the rows.</value>
    public int QuantileK { get; init; } = KllSketch.DefaultK;

    /// <summary>Gets the accuracy of the numbers of different values, 4 to 21 (<see cref="HyperLogLogSketch.LgK"/>).</summary>
    /// <value>The default value is 12: off by about 1.3 %, one standard deviation.</value>
    public int DistinctLgK { get; init; } = HyperLogLogSketch.DefaultLgK;

    /// <summary>Gets the number of different texts of a column that are counted one by one, exactly.</summary>
    /// <value>The default value is 1000.</value>
    public int ExactValues { get; init; } = ValueCounts.DefaultCapacity;

    /// <summary>Gets whether the profile has the correlations of all pairs of numeric columns.</summary>
    /// <value>The default value is <see langword="false"/>. The cost grows with the square of the number of columns, which may be at most 1000.</value>
    public bool Correlations { get; init; }

    /// <summary>Gets whether the profile tells how much each column says about the column of role Label.</summary>
    /// <value>The default value is <see langword="false"/>. It keeps a sample of <see cref="SampleRows"/> rows.</value>
    public bool LabelInformation { get; init; }

    /// <summary>Gets the number of rows of the sample from which <see cref="LabelInformation"/> is estimated.</summary>
    /// <value>The default value is 10,000.</value>
    public int SampleRows { get; init; } = 10_000;

    /// <summary>Gets the seed of the sample.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <summary>Gets the number of threads that describe columns at the same time; the result does not depend on it.</summary>
    /// <value>The default value is 1.</value>
    public int Parallelism { get; init; } = 1;

    internal static DatasetProfileOptions Default { get; } = new();

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ExactValues, 1, nameof(ExactValues));
        ArgumentOutOfRangeException.ThrowIfLessThan(SampleRows, 100, nameof(SampleRows));
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallelism, 1, nameof(Parallelism));
    }
}
