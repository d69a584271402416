namespace Mlops.Monitoring;

/// <summary>What a drift test comes to.</summary>
public enum DriftVerdict
{
    /// <summary>The two samples differ by more than chance and by more than the minimum effect.</summary>
    Drift,

    /// <summary>They do not, as far as these data tell.</summary>
    NoDrift,

    /// <summary>There are too few values to tell.</summary>
    NotEnoughData,

    /// <summary>The test is not defined for these data.</summary>
    NotComputable,
}
