namespace Mlops.Monitoring;

/// <summary>A univariate drift method of NannyML.</summary>
public enum NannyMLMethod
{
    /// <summary><c>jensen_shannon</c>: the distance in bits.</summary>
    JensenShannon,

    /// <summary><c>kolmogorov_smirnov</c>: the statistic. Numbers.</summary>
    KolmogorovSmirnov,

    /// <summary><c>wasserstein</c>: the distance in the unit of the column. Numbers.</summary>
    Wasserstein,

    /// <summary><c>hellinger</c>: the distance.</summary>
    Hellinger,

    /// <summary><c>chi2</c>: the statistic, corrected for continuity with two categories. Categories.</summary>
    ChiSquared,

    /// <summary><c>l_infinity</c>: the largest change of a share. Categories.</summary>
    LInfinity,
}
