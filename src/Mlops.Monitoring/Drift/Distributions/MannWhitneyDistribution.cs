namespace Mlops.Monitoring;

/// <summary>The exact law of the Mann–Whitney statistic without drift and without ties.</summary>
/// <remarks>
/// The counts of arrangements are the coefficients of a Gaussian binomial, built by multiplying by (1 − qᵐ⁺ⁱ) and dividing by (1 − qⁱ). Time O(n²m), memory O(nm).
/// Source: H. B. Mann and D. R. Whitney (1947); the product form is C. F. Gauss's.
/// </remarks>
internal static class MannWhitneyDistribution
{
    /// <summary>The largest number of steps that the counting may take.</summary>
    private const double MaximumSteps = 2e8;

    /// <summary>Gets whether the counts are few enough to count all arrangements: their number must fit a double.</summary>
    public static bool IsCountable(long n, long m)
        => (double)Math.Min(n, m) * n * m <= MaximumSteps && Accurate.LogGamma(n + m + 1.0) - Accurate.LogGamma(n + 1.0) - Accurate.LogGamma(m + 1.0) < 600;

    /// <summary>Gets the probability that U is at least <paramref name="u"/>.</summary>
    public static double UpperTail(long u, int n, int m)
    {
        if (u <= 0) return 1;
        var (fewer, more) = (Math.Min(n, m), Math.Max(n, m));
        var product = (long)n * m;
        if (u > product) return 0;
        // U and nm − U have the same law; the smaller side has small, exact counts.
        var isUpper = product - u < u;
        var last = (int)(isUpper ? product - u : u - 1);
        var counts = new double[last + 1];
        counts[0] = 1;
        for (var i = 1; i <= fewer; i++)
        {
            for (var place = last; place >= more + i; place--) counts[place] -= counts[place - more - i];
            for (var place = i; place <= last; place++) counts[place] += counts[place - i];
        }

        double sum = 0, all = 1;
        foreach (var count in counts) sum += count;
        for (var i = 1; i <= fewer; i++) all *= (double)(more + i) / i;
        var share = Math.Min(1, sum / all);
        return isUpper ? share : 1 - share;
    }
}
