namespace Mlops.Monitoring;

/// <summary>How a statistic spreads from chunk to chunk without drift, which says on what scale it is nearly normal.</summary>
public enum StatisticScale
{
    /// <summary>It is nearly normal as it is: a mean, a share, a score.</summary>
    Linear,

    /// <summary>Its square is like a sum of squares: total variation, Hellinger, Jensen–Shannon distance. Its power of 2/3 is nearly normal.</summary>
    Distance,

    /// <summary>It is a distance between distribution functions, which is skewed more: Kolmogorov–Smirnov, Cramér–von Mises, Wasserstein, energy. Its logarithm is nearly normal.</summary>
    CurveDistance,

    /// <summary>It is like a sum of squares itself: PSI, Kullback–Leibler, χ². Its cube root is nearly normal.</summary>
    Divergence,
}
