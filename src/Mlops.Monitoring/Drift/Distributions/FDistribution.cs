namespace Mlops.Monitoring;

/// <summary>The upper tail of Fisher's F distribution.</summary>
internal static class FDistribution
{
    /// <summary>Gets the probability of a value above <paramref name="statistic"/>.</summary>
    public static double UpperTail(double statistic, double numerator, double denominator)
        => statistic <= 0 ? 1 : IncompleteBeta.Regularized(denominator / 2, numerator / 2, statistic * numerator / denominator);
}
