using System.Numerics;
using System.Runtime.InteropServices;

namespace Mlops.Monitoring;

/// <summary>The Wasserstein distance of order 1 between sorted samples, and its standard error.</summary>
internal static class TransportCost
{
    /// <summary>Gets ∫ |F⁻¹(u) − G⁻¹(u)| du = ∫ |F(x) − G(x)| dx.</summary>
    public static double Get(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length == y.Length) return GetEqualCounts(x, y) / x.Length;
        long n = x.Length, m = y.Length, at = 0, endX = m, endY = n;
        int i = 0, j = 0;
        double sum = 0;
        // In units of 1/(nm), the quantiles of the reference step at multiples of m, those of the current sample at multiples of n.
        while (i < x.Length && j < y.Length)
        {
            var end = Math.Min(endX, endY);
            sum += Math.Abs(x[i] - y[j]) * (end - at);
            at = end;
            var isX = endX == end;
            if (endY == end)
            {
                j++;
                endY += n;
            }

            if (!isX) continue;
            i++;
            endX += m;
        }

        return sum / ((double)n * m);
    }

    /// <summary>Gets the standard error of the distance, by its influence function: for a value v, ∫ to v of the sign of F − G.</summary>
    /// <remarks>Source: E. del Barrio, E. Giné, C. Matrán (1999), for the limit law of the order 1 distance. Taken over about a thousand pooled quantiles.</remarks>
    public static double GetStandardError(PooledGrid grid, int countX, int countY)
    {
        double n = countX, m = countY, influence = 0, meanX = 0, squareX = 0, meanY = 0, squareY = 0, previous = grid.Values[0], sign = 0;
        var (i, j) = (0, 0);
        for (var k = 0; k < grid.Ranks.Length; k++)
        {
            var value = grid.Values[k];
            var half = sign * (value - previous) / 2;
            // Values within a leap are taken at its middle.
            var middle = influence + half;
            influence += 2 * half;
            var nextI = grid.ReferenceCounts[k];
            var nextJ = (int)(grid.Ranks[k] - nextI);
            double weightX = (nextI - i) / n, weightY = (nextJ - j) / m;
            meanX += weightX * middle;
            squareX += weightX * middle * middle;
            meanY += weightY * middle;
            squareY += weightY * middle * middle;
            sign = Math.Sign(((long)nextI * countY) - ((long)nextJ * countX));
            (i, j, previous) = (nextI, nextJ, value);
        }

        return Math.Sqrt(Math.Max(0, (squareX - (meanX * meanX)) / n) + Math.Max(0, (squareY - (meanY * meanY)) / m));
    }

    private static double GetEqualCounts(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var vectorsX = MemoryMarshal.Cast<double, Vector<double>>(x);
        var vectorsY = MemoryMarshal.Cast<double, Vector<double>>(y);
        var sums = Vector<double>.Zero;
        for (var i = 0; i < vectorsX.Length; i++) sums += Vector.Abs(vectorsX[i] - vectorsY[i]);
        var sum = Vector.Sum(sums);
        for (var i = vectorsX.Length * Vector<double>.Count; i < x.Length; i++) sum += Math.Abs(x[i] - y[i]);
        return sum;
    }
}
