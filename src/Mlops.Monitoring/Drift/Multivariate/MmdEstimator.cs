namespace Mlops.Monitoring;

/// <summary>How the maximum mean discrepancy is estimated.</summary>
public enum MmdEstimator
{
    /// <summary>From all pairs of rows, with a p-value by permutation; of too many rows, from a sample of them.</summary>
    Quadratic,

    /// <summary>From pairs of pairs, each row once, with a p-value by the normal distribution: from all rows in linear time, with less power for as many rows.</summary>
    Linear,
}
