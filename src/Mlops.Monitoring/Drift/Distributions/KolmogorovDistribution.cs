namespace Mlops.Monitoring;

/// <summary>The law that the two-sample Kolmogorov–Smirnov statistic tends to without drift.</summary>
/// <remarks>Source: N. V. Smirnov, "Table for estimating the goodness of fit of empirical distributions" (1948), by its theta-dual series below 1.</remarks>
internal static class KolmogorovDistribution
{
    private const int MaximumTerms = 100;
    private static readonly QuantileCache s_quantiles = new(UpperTail, 2);

    /// <summary>Gets the limiting probability that √(nm/(n+m))·D exceeds <paramref name="z"/>.</summary>
    public static double UpperTail(double z)
    {
        if (!(z > 0)) return 1;
        return z < 1 ? 1 - LowerTailBelowOne(z) : UpperTailFromOne(z);
    }

    /// <summary>Gets the value that is exceeded with the given probability.</summary>
    public static double UpperQuantile(double probability) => s_quantiles.Get(probability);

    /// <summary>Gets the probability that the one-sided distance of samples of n and m values is at least <paramref name="distance"/>, approximately.</summary>
    /// <remarks>Source: J. L. Hodges, "The significance probability of the Smirnov two-sample test" (1958), equation 5.3.</remarks>
    public static double OneSidedUpperTail(double distance, double n, double m)
    {
        var (larger, smaller) = (Math.Max(n, m), Math.Min(n, m));
        var z = Math.Sqrt(n * m / (n + m)) * distance;
        return Math.Exp((-2 * z * z) - (2 * z * (larger + (2 * smaller)) / Math.Sqrt(n * m * (n + m)) / 3));
    }

    private static double LowerTailBelowOne(double z)
    {
        double sum = 0;
        for (var k = 1; k <= MaximumTerms; k++)
        {
            var odd = (2 * k) - 1;
            var term = Math.Exp(-odd * odd * Math.PI * Math.PI / (8 * z * z));
            sum += term;
            if (term <= 1e-17 * sum) break;
        }

        return Math.Sqrt(2 * Math.PI) / z * sum;
    }

    private static double UpperTailFromOne(double z)
    {
        double sum = 0;
        for (var k = 1; k <= MaximumTerms; k++)
        {
            var term = Math.Exp(-2.0 * k * k * z * z);
            sum += (k & 1) == 1 ? term : -term;
            if (term <= 1e-17 * sum) break;
        }

        return Math.Min(1, 2 * sum);
    }
}
