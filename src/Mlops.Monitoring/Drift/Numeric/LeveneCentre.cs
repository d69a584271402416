namespace Mlops.Monitoring;

/// <summary>What Levene's test takes deviations from.</summary>
public enum LeveneCentre
{
    /// <summary>The median (Brown and Forsythe), which holds for skewed data too.</summary>
    Median,

    /// <summary>The mean (Levene), for symmetric data.</summary>
    Mean,
}
