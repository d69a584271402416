namespace Mlops.Monitoring;

/// <summary>The law of the Kolmogorov–Smirnov statistic of one sample of n values against a known continuous distribution.</summary>
/// <remarks>
/// <para>Chooses between the exact ends (H. Ruben and J. Gambino 1982), the matrix power of J. Durbin (1968) as G. Marsaglia, W. W. Tsang and J. Wang (2003) compute it,
/// twice the one-sided law (Z. W. Birnbaum and F. H. Tingey 1951; L. H. Miller 1956), and the series of W. Pelz and I. J. Good (1976).
/// With n = nm/(n + m) it is a closer approximation of the two-sample law than the limit.</para>
/// <para>Source: R. Simard and P. L'Ecuyer, "Computing the two-sided Kolmogorov–Smirnov distribution", Journal of Statistical Software 39(11), 2011.</para>
/// </remarks>
internal static class FiniteKolmogorovDistribution
{
    private const int SmallCount = 140;
    private const int LargestSum = 200_000;
    private const double SquareRootOfTwoPi = 2.5066282746310005;

    /// <summary>Gets the probability that the statistic is at least <paramref name="distance"/>.</summary>
    public static double UpperTail(double distance, long n)
    {
        if (distance >= 1) return 0;
        var t = n * distance;
        if (t <= 0.5) return 1;
        if (t <= 1) return 1 - Math.Exp(Accurate.LogGamma(n + 1.0) - (n * Math.Log(n)) + (n * Math.Log((2 * t) - 1)));
        if (t >= n - 1) return 2 * Math.Pow(1 - distance, n);
        var square = t * distance;
        if (distance >= 0.5 || square >= (n <= SmallCount ? 4 : 2.2)) return Math.Min(1, 2 * OneSidedUpperTail(distance, n));
        if (n <= SmallCount) return Math.Clamp(1 - MatrixLowerTail(distance, (int)n), 0, 1);
        // Below this the lower tail is less than the last digit of 1.
        if (square < 0.035) return 1;
        return Math.Clamp(1 - (n <= 100_000 && n * Math.Pow(distance, 1.5) <= 1.4 ? MatrixLowerTail(distance, (int)n) : SeriesLowerTail(distance, n)), 0, 1);
    }

    /// <summary>Gets the probability that the one-sided statistic is at least <paramref name="distance"/>.</summary>
    public static double OneSidedUpperTail(double distance, long n)
    {
        if (distance <= 0) return 1;
        if (n > LargestSum)
        {
            var t = (6 * n * distance) + 1;
            var z = t * t / (18 * n);
            return Math.Max(0, (1 - (((2 * z * z) - (4 * z) - 1) / (18 * n))) * Math.Exp(-z));
        }

        // Σ x·C(n, j)·(x + j/n)^(j−1)·(1 − x − j/n)^(n−j); all terms are positive. ln C(n, j) is summed with compensation (W. Kahan 1965).
        double sum = 0, logChoose = 0, lost = 0;
        var last = (long)Math.Floor(n * (1 - distance));
        for (long j = 0; j <= last; j++)
        {
            var place = distance + ((double)j / n);
            if (place >= 1) break;
            var logRest = place < 0.5 ? Accurate.LogOnePlus(-place) : Math.Log(1 - place);
            sum += Math.Exp(logChoose + ((j - 1) * Math.Log(place)) + ((n - j) * logRest));
            var step = Math.Log((double)(n - j) / (j + 1)) - lost;
            var next = logChoose + step;
            lost = next - logChoose - step;
            logChoose = next;
        }

        return Math.Min(1, distance * sum);
    }

    /// <summary>Gets an entry of a power of Durbin's matrix, scaled by n!/nⁿ.</summary>
    private static double MatrixLowerTail(double distance, int n)
    {
        var t = n * distance;
        var k = (int)Math.Ceiling(t);
        var h = k - t;
        var size = (2 * k) - 1;
        var matrix = MakeDurbinMatrix(size, h);
        var power = new double[size * size];
        for (var i = 0; i < size; i++) power[(i * size) + i] = 1;
        int exponent = 0, matrixExponent = 0;
        for (var rest = n; rest > 0; rest /= 2)
        {
            if ((rest & 1) == 1)
            {
                power = Multiply(power, matrix, size);
                exponent += matrixExponent;
            }

            if (rest == 1) break;
            matrix = Multiply(matrix, matrix, size);
            matrixExponent *= 2;
            if (matrix[((k - 1) * size) + k - 1] > 1e140)
            {
                foreach (ref var entry in matrix.AsSpan()) entry *= 1e-140;
                matrixExponent += 140;
            }
        }

        var value = power[((k - 1) * size) + k - 1];
        for (var i = 1; i <= n; i++)
        {
            value = value * i / n;
            if (value < 1e-140)
            {
                value *= 1e140;
                exponent -= 140;
            }
        }

        return value * Math.Pow(10, exponent);
    }

    private static double[] MakeDurbinMatrix(int size, double h)
    {
        var matrix = new double[size * size];
        var inverseFactorial = new double[size + 2];
        inverseFactorial[0] = 1;
        for (var i = 1; i < inverseFactorial.Length; i++) inverseFactorial[i] = inverseFactorial[i - 1] / i;
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++) matrix[(i * size) + j] = i - j + 1 < 0 ? 0 : inverseFactorial[i - j + 1];
        }

        double power = 1;
        for (var i = 0; i < size; i++)
        {
            power *= h;
            matrix[i * size] -= power * inverseFactorial[i + 1];
            matrix[((size - 1) * size) + size - 1 - i] -= power * inverseFactorial[i + 1];
        }

        if (h > 0.5) matrix[(size - 1) * size] += Math.Pow((2 * h) - 1, size) * inverseFactorial[size];
        return matrix;
    }

    private static double[] Multiply(double[] a, double[] b, int size)
    {
        var product = new double[size * size];
        for (var i = 0; i < size; i++)
        {
            var row = product.AsSpan(i * size, size);
            for (var k = 0; k < size; k++) System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(b.AsSpan(k * size, size), a[(i * size) + k], row, row);
        }

        return product;
    }

    /// <summary>Gets the sum of the first four terms in powers of 1/√n, each by its theta-dual series.</summary>
    private static double SeriesLowerTail(double distance, long n)
    {
        var z = Math.Sqrt(n) * distance;
        double z2 = z * z, z4 = z2 * z2, z6 = z4 * z2, pi2 = Math.PI * Math.PI;
        double k0 = 0, k1 = 0, k2 = 0, k3 = 0, k2Extra = 0, k3Extra = 0;
        for (var k = (int)Math.Ceiling(16 * z / Math.PI); k >= 1; k--)
        {
            double odd = ((2 * k) - 1) * ((2 * k) - 1), a = pi2 * odd / 4, weight = Math.Exp(-a / (2 * z2));
            k0 += weight;
            k1 += weight * (a - z2);
            k2 += weight * ((6 * z6) + (2 * z4) + (((2 * z4) - (5 * z2)) * a) + ((1 - (2 * z2)) * a * a));
            k3 += weight * ((-30 * z6) - (90 * z6 * z2) + (((135 * z4) - (96 * z6)) * a) + (((212 * z4) - (60 * z2)) * a * a) + ((5 - (30 * z2)) * a * a * a));
            double square = (double)k * k, extra = square * Math.Exp(-pi2 * square / (2 * z2));
            k2Extra += extra;
            k3Extra += ((3 * z2) - (pi2 * square)) * extra;
        }

        k0 /= z;
        k1 /= 6 * z4;
        k2 = (k2 / (72 * z6 * z)) - (pi2 * k2Extra / (36 * z2 * z));
        k3 = (k3 / (6480 * z6 * z4)) + (pi2 * k3Extra / (216 * z6));
        return SquareRootOfTwoPi * (k0 + (k1 / Math.Sqrt(n)) + (k2 / n) + (k3 / (n * Math.Sqrt(n))));
    }
}
