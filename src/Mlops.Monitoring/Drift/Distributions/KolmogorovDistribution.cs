namespace Mlops.Monitoring;

/// <summary>The distribution of the two-sample Kolmogorov–Smirnov statistic without drift.</summary>
/// <remarks>
/// Sources: N. V. Smirnov, "Table for estimating the goodness of fit of empirical distributions" (1948) for the limit, by its theta-dual series below 1;
/// J. L. Hodges, "The significance probability of the Smirnov two-sample test" (1958) for the exact recursion over lattice paths.
/// </remarks>
internal static class KolmogorovDistribution
{
    private const int MaximumTerms = 100;

    /// <summary>Gets the limiting probability that √(nm/(n+m))·D exceeds <paramref name="z"/>.</summary>
    public static double UpperTail(double z)
    {
        if (!(z > 0)) return 1;
        return z < 1 ? 1 - LowerTailBelowOne(z) : UpperTailFromOne(z);
    }

    /// <summary>Gets the value that is exceeded with the given probability.</summary>
    public static double UpperQuantile(double probability)
    {
        double low = 0, high = 40;
        for (var i = 0; i < 200 && high - low > 1e-14 * high; i++)
        {
            var middle = (low + high) / 2;
            if (UpperTail(middle) > probability) low = middle;
            else high = middle;
        }

        return high;
    }

    /// <summary>
    /// Gets the exact probability, without ties, that D is at least <paramref name="numerator"/>/(nm): the share of lattice paths from (0, 0) to (n, m)
    /// that touch |i·m − j·n| ≥ numerator. Sums of positive terms only, so small probabilities keep their digits. Time O(nm), memory O(m).
    /// </summary>
    public static double ExactUpperTail(long numerator, int n, int m)
    {
        var outside = new double[m + 1];
        for (var i = 0; i <= n; i++)
        {
            for (var j = 0; j <= m; j++)
            {
                if (Math.Abs(((long)i * m) - ((long)j * n)) >= numerator)
                {
                    outside[j] = 1;
                    continue;
                }

                var steps = i + j;
                outside[j] = (i == 0 ? 0 : outside[j] * i / steps) + (j == 0 ? 0 : outside[j - 1] * j / steps);
            }
        }

        return Math.Min(1, outside[m]);
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
