namespace Mlops.Monitoring;

/// <summary>The upper tail of the chi-squared distribution.</summary>
internal static class ChiSquaredDistribution
{
    /// <summary>Gets the probability of a value above <paramref name="statistic"/>.</summary>
    public static double UpperTail(double statistic, double degreesOfFreedom) => IncompleteGamma.Upper(degreesOfFreedom / 2, statistic / 2);

    /// <summary>Gets the value that is exceeded with the given probability.</summary>
    public static double UpperQuantile(double probability, double degreesOfFreedom)
        => Quantile.Find(x => UpperTail(x, degreesOfFreedom), probability, 0, degreesOfFreedom + 4);
}
