namespace Mlops.Monitoring;

/// <summary>In which of its two forms the Jensen–Shannon divergence is given; the same limit means something else in each.</summary>
public enum JensenShannonForm
{
    /// <summary>The square root of the divergence, which is a metric.</summary>
    Distance,

    /// <summary>The divergence itself.</summary>
    Divergence,
}
