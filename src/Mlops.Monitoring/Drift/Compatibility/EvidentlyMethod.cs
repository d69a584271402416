namespace Mlops.Monitoring;

/// <summary>A statistical test of Evidently, by the name that it has there.</summary>
public enum EvidentlyMethod
{
    /// <summary>The test that Evidently chooses for the column.</summary>
    Automatic,

    /// <summary><c>anderson</c>: p-value, drift below 0.1. Numbers.</summary>
    AndersonDarling,

    /// <summary><c>chisquare</c>: p-value, drift below 0.05. Categories.</summary>
    ChiSquare,

    /// <summary><c>cramer_von_mises</c>: p-value, drift at or below 0.1. Numbers.</summary>
    CramerVonMises,

    /// <summary><c>ed</c>: distance, drift from 0.1 on. Numbers.</summary>
    EnergyDistance,

    /// <summary><c>es</c>: p-value, drift below 0.05. Numbers.</summary>
    EppsSingleton,

    /// <summary><c>fisher_exact</c>: p-value, drift below 0.1. Two categories.</summary>
    FisherExact,

    /// <summary><c>g_test</c>: p-value, drift below 0.1. Categories.</summary>
    GTest,

    /// <summary><c>hellinger</c>: distance, drift from 0.1 on.</summary>
    Hellinger,

    /// <summary><c>jensenshannon</c>: distance in nats, drift from 0.1 on.</summary>
    JensenShannon,

    /// <summary><c>ks</c>: p-value, drift at or below 0.05. Numbers.</summary>
    KolmogorovSmirnov,

    /// <summary><c>kl_div</c>: divergence, drift from 0.1 on.</summary>
    KullbackLeibler,

    /// <summary><c>mannw</c>: p-value, drift below 0.05. Numbers.</summary>
    MannWhitney,

    /// <summary><c>psi</c>: divergence, drift from 0.1 on.</summary>
    PopulationStabilityIndex,

    /// <summary><c>t_test</c>: p-value, drift below 0.05. Numbers.</summary>
    StudentT,

    /// <summary><c>wasserstein</c>: distance in standard deviations of the reference, drift from 0.1 on. Numbers.</summary>
    Wasserstein,

    /// <summary><c>z</c>: p-value, drift below 0.05. Two categories.</summary>
    TwoProportions,
}
