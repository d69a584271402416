namespace Mlops.Monitoring;

/// <summary>Tails of the chi-squared distribution, central and not.</summary>
internal static class ChiSquaredDistribution
{
    /// <summary>The largest statistic whose mixture is summed: the number of its terms grows as the root.</summary>
    private const double LargestSummed = 1e6;

    /// <summary>Gets the probability of a value above <paramref name="statistic"/>.</summary>
    public static double UpperTail(double statistic, double degreesOfFreedom) => IncompleteGamma.Upper(degreesOfFreedom / 2, statistic / 2);

    /// <summary>Gets the value that is exceeded with the given probability.</summary>
    public static double UpperQuantile(double probability, double degreesOfFreedom)
        => Quantile.Find(x => UpperTail(x, degreesOfFreedom), probability, 0, degreesOfFreedom + 4);

    /// <summary>Gets the probability of a value up to <paramref name="statistic"/> when the law has a noncentrality: a mixture of central laws with Poisson weights.</summary>
    /// <remarks>Source: R. A. Fisher (1928). Terms are summed from the largest Poisson weight on, both ways.</remarks>
    public static double NoncentralLowerTail(double statistic, double degreesOfFreedom, double noncentrality)
    {
        if (statistic <= 0) return 0;
        if (noncentrality <= 0) return IncompleteGamma.Lower(degreesOfFreedom / 2, statistic / 2);
        var mean = noncentrality / 2;
        var mode = Math.Floor(mean);
        var weight = Math.Exp((mode * Math.Log(mean)) - mean - Accurate.LogGamma(mode + 1));
        double sum = 0, term = weight;
        for (var i = mode; ; i++)
        {
            var part = term * IncompleteGamma.Lower((degreesOfFreedom / 2) + i, statistic / 2);
            sum += part;
            if (part <= 1e-16 * sum || term < 1e-20) break;
            term *= mean / (i + 1);
        }

        term = weight;
        for (var i = mode; i > 0; i--)
        {
            term *= i / mean;
            sum += term * IncompleteGamma.Lower((degreesOfFreedom / 2) + i - 1, statistic / 2);
            if (term < 1e-18) break;
        }

        return Math.Min(1, sum);
    }

    /// <summary>Gets the interval of noncentralities that a statistic speaks for; (0, 0) where it is too small for any.</summary>
    public static (double Lower, double Upper) GetNoncentralityInterval(double statistic, double degreesOfFreedom, double level)
    {
        var outside = (1 - level) / 2;
        if (statistic > LargestSummed)
        {
            // The root is nearly normal around √(λ + k − 1), with deviation 1.
            var (root, margin) = (Math.Sqrt(statistic), NormalDistribution.UpperQuantile(outside));
            return (((root - margin) * (root - margin)) - (degreesOfFreedom - 1), ((root + margin) * (root + margin)) - (degreesOfFreedom - 1));
        }

        return (Find(1 - outside), Find(outside));

        double Find(double probability) => NoncentralLowerTail(statistic, degreesOfFreedom, 0) <= probability
            ? 0
            : Quantile.Find(lambda => NoncentralLowerTail(statistic, degreesOfFreedom, lambda), probability, 0, statistic + 10);
    }
}
