using System.Numerics;

namespace Mlops.Monitoring;

/// <summary>The exact law of the two-sample Kolmogorov–Smirnov statistic without drift and without ties.</summary>
/// <remarks>
/// Each order of the pooled values is a path from (0, 0) to (n, m). A recursion along the antidiagonals gives the share of paths that leave the band |i·m − j·n| &lt; limit;
/// it sums positive terms only, so that small probabilities keep their digits. Time O(D·n·m), memory O(n).
/// Source: J. L. Hodges, "The significance probability of the Smirnov two-sample test" (1958).
/// </remarks>
internal static class LatticePaths
{
    private const double SmallestNormal = 2.2250738585072014e-308;

    /// <summary>Gets the probability that the statistic, times nm, is at least <paramref name="limit"/>.</summary>
    /// <param name="limit">The limit, ≥ 0.</param>
    /// <param name="n">The number of reference values.</param>
    /// <param name="m">The number of current values.</param>
    /// <param name="isOneSided">Whether only i·m − j·n ≥ limit counts, and not its opposite too.</param>
    public static double UpperTail(long limit, int n, int m, bool isOneSided)
    {
        if (limit <= 0) return 1;
        if (isOneSided && n == m) return EqualCountsOneSided(limit / n, n);
        var total = (long)n + m;
        // outside[i]: the share of paths to (i, steps − i) that have left the band. Left of and beyond it all have, or none, when one-sided.
        var below = isOneSided ? 0.0 : 1.0;
        var outside = new double[n + 2];
        var previous = new double[n + 2];
        // Index i + 1 holds i, so that i = −1 can be read.
        long start = 0, end = -1;
        for (long steps = 0; steps <= total; steps++)
        {
            // Inside: −limit < i·total − steps·n < limit, within the rectangle.
            var first = isOneSided ? Math.Max(0, steps - m) : Math.Max(Math.Max(0, steps - m), FloorDivide((steps * n) - limit, total) + 1);
            var last = Math.Min(Math.Min(n, steps), FloorDivide((steps * n) + limit - 1, total));
            if (steps == 0)
            {
                outside[1] = 0;
                (start, end) = (0, 0);
                continue;
            }

            (previous, outside) = (outside, previous);
            // Neighbours outside of the previous band; the recursion reads i − 1 and i there.
            if (first - 1 < start) previous[first] = first - 1 < 0 ? 0 : below;
            if (first < start) previous[first + 1] = below;
            for (var i = Math.Max(end + 1, first - 1); i <= last; i++) previous[i + 1] = 1;
            Step(previous, outside, first, last, steps);
            (start, end) = (first, last);
            if (first > last) return 1;
        }

        return Math.Clamp(end == n ? outside[n + 1] : 1, 0, 1);
    }

    /// <remarks>Shares below the smallest normal number, which processors take long to add, become 0: with the larger ones beside them they make no difference.</remarks>
    private static void Step(double[] previous, double[] outside, long first, long last, long steps)
    {
        var inverse = 1.0 / steps;
        var i = first;
        var lanes = Vector<double>.Count;
        if (last - first >= lanes)
        {
            var (offsets, smallest) = (Vector.CreateSequence(0.0, 1.0), new Vector<double>(SmallestNormal));
            for (; i + lanes - 1 <= last; i += lanes)
            {
                var place = offsets + new Vector<double>(i);
                var value = (new Vector<double>(previous, (int)i) * place) + (new Vector<double>(previous, (int)i + 1) * (new Vector<double>(steps) - place));
                value *= inverse;
                Vector.ConditionalSelect(Vector.GreaterThanOrEqual(value, smallest), value, Vector<double>.Zero).CopyTo(outside, (int)i + 1);
            }
        }

        for (; i <= last; i++)
        {
            var value = ((previous[i] * i) + (previous[i + 1] * (steps - i))) * inverse;
            outside[i + 1] = value >= SmallestNormal ? value : 0;
        }
    }

    /// <summary>Gets C(2n, n − h)/C(2n, n), by the reflection principle.</summary>
    private static double EqualCountsOneSided(long h, int n)
    {
        double product = 1;
        for (long i = 0; i < h; i++) product *= (double)(n - i) / (n + i + 1);
        return product;
    }

    private static long FloorDivide(long a, long b) => a >= 0 ? a / b : -((b - 1 - a) / b);
}
