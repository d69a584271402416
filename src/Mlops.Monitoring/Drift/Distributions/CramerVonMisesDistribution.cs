namespace Mlops.Monitoring;

/// <summary>The law of the two-sample Cramér–von Mises statistic without drift: exact for few values without ties, and its limit.</summary>
/// <remarks>
/// <para>The limit is the law of Σ Zₖ²/(k²π²). Its tail is the sum (2/π)·Σ (−1)ᵏ⁺¹ ∫ e^(−xt²/2)/√(−t sin t) dt over ((2k − 1)π, 2kπ), which needs no difference of large numbers.</para>
/// <para>Sources: N. V. Smirnov (1936) for the limit; Y. Xiao, A. Gordon, A. Yakovlev, "A C++ program for the Cramér–von Mises two-sample test", Journal of
/// Statistical Software 17(8), 2007, for the exact recursion.</para>
/// </remarks>
internal static class CramerVonMisesDistribution
{
    /// <summary>The largest number of steps that the counting may take: a second or two.</summary>
    private const double MaximumSteps = 1e9;

    /// <summary>The number of steps that take no time that anybody would notice.</summary>
    private const double FewSteps = 1e8;

    private static readonly QuantileCache s_quantiles = new(UpperTail, 1);

    /// <summary>Gets the limiting probability of a value above <paramref name="statistic"/>.</summary>
    public static double UpperTail(double statistic)
    {
        if (statistic < 0.002) return 1;
        // Nodes of the midpoint rule, which converges exponentially once the square roots at both ends are substituted away.
        var nodes = statistic > 4 ? 1024 : 256;
        double sum = 0;
        for (var k = 1; k < 1000; k++)
        {
            var start = ((2 * k) - 1) * Math.PI;
            if (statistic * start * start / 2 > 750) break;
            double term = 0;
            for (var i = 0; i < nodes; i++)
            {
                var angle = (i + 0.5) * Math.PI / nodes;
                // π/2·(1 − cos θ) without cancellation.
                var half = Math.Sin(angle / 2);
                var beyond = Math.PI * half * half;
                var t = start + beyond;
                term += Math.Exp(-statistic * t * t / 2) * Math.Sin(angle) / Math.Sqrt(t * Math.Sin(beyond));
            }

            sum += ((k & 1) == 1 ? term : -term) * Math.PI / 2 * Math.PI / nodes;
            if (Math.Abs(term) <= 1e-18 * Math.Abs(sum)) break;
        }

        return Math.Clamp(2 / Math.PI * sum, 0, 1);
    }

    /// <summary>Gets the value that is exceeded with the given probability.</summary>
    public static double UpperQuantile(double probability) => s_quantiles.Get(probability);

    /// <summary>Gets whether the counts are few enough to count all arrangements up to a statistic.</summary>
    public static bool IsCountable(double u, int n, int m) => GetSteps(u, n, m) <= MaximumSteps && n + (long)m <= 1000;

    /// <summary>Gets whether they are soon counted: of at most 20 values each, all but those of samples that hardly overlap and whose counts have no common divisor.</summary>
    public static bool IsSoonCounted(double u, int n, int m) => GetSteps(u, n, m) <= FewSteps;

    /// <summary>Gets the exact probability that U = n·Σ(rᵢ − i)² + m·Σ(sⱼ − j)² is at least <paramref name="u"/>.</summary>
    /// <param name="u">The statistic.</param>
    /// <param name="n">The number of reference values.</param>
    /// <param name="m">The number of current values.</param>
    public static double ExactUpperTail(double u, int n, int m)
    {
        // The sum ζ of (i·m − j·n)²/g² over the path to (n, m), g the greatest common divisor, grows with U; paths that reach the limit early are counted at once.
        var divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(n, m);
        long stepX = m / divisor, stepY = n / divisor;
        var limit = (long)Math.Ceiling(GetLimit(u, n, m) - 1e-6);
        if (limit <= 0) return 1;
        var rows = new double[m + 1][];
        var spare = new double[limit];
        double reached = 0;
        for (var i = 0; i <= n; i++)
        {
            for (var j = 0; j <= m; j++)
            {
                var deviation = (i * stepX) - (j * stepY);
                var square = deviation * deviation;
                var next = spare;
                Array.Clear(next);
                if (i == 0 && j == 0) next[0] = 1;
                double beyond = 0;
                if (i > 0) beyond += Shift(rows[j], next, square);
                if (j > 0) beyond += Shift(rows[j - 1], next, square);
                if (beyond > 0) reached += beyond * Math.Exp(GetLogPaths(n - i, m - j) - GetLogPaths(n, m));
                // What was above is not needed any more.
                (rows[j], spare) = (next, rows[j] ?? new double[limit]);
            }
        }

        return Math.Min(1, reached);
    }

    private static double GetSteps(double u, double n, double m) => GetLimit(u, n, m) * (n + 1) * (m + 1);

    private static double GetLimit(double u, double n, double m)
    {
        var divisor = (double)System.Numerics.BigInteger.GreatestCommonDivisor((long)n, (long)m);
        return (n + m) * ((6 * u) - (n * m * ((4 * n * m) - 1))) / (6 * divisor * divisor);
    }

    private static double GetLogPaths(int n, int m) => n == 0 || m == 0 ? 0 : Accurate.LogGamma(n + m + 1.0) - Accurate.LogGamma(n + 1.0) - Accurate.LogGamma(m + 1.0);

    /// <summary>Adds the counts of a neighbour, each a square further on, and gets how many go beyond the limit.</summary>
    private static double Shift(double[] from, double[] to, long square)
    {
        double beyond = 0;
        var kept = (int)Math.Max(0, from.Length - square);
        for (var place = kept; place < from.Length; place++) beyond += from[place];
        var target = to.AsSpan((int)Math.Min(square, to.Length));
        System.Numerics.Tensors.TensorPrimitives.Add(from.AsSpan(0, kept), target, target);
        return beyond;
    }
}
