namespace Mlops.Validation;

/// <summary>How far two distributions are apart, from 0 (the same) to 1.</summary>
public enum DistanceMeasure
{
    /// <summary>The Jensen–Shannon divergence with logarithms to base 2, over the tenths of the reference for numbers, over the values for texts.</summary>
    JensenShannon,

    /// <summary>The largest difference between the shares of a value; for texts and truth values.</summary>
    LInfinity,

    /// <summary>The largest difference between the two cumulative distributions; for numbers, days and moments.</summary>
    KolmogorovSmirnov,
}
