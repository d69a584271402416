using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Epps–Singleton test: whether the characteristic functions differ, which also shows in discrete data.</summary>
/// <remarks>
/// <para>Statistic W = N·g′Σ⁺g, where g is the difference of the mean cosines and sines at 0.4 and 0.8 over half the pooled interquartile range and Σ their covariance N/n·S₁ + N/m·S₂;
/// below 25 values on both sides times the authors' small-sample factor. P-value by χ² with as many degrees of freedom as Σ has ranks,
/// which holds for many values only: with 30 on both sides, somewhat more than 5 % alarm at 5 % (docs/drift-false-alarms.md).
/// The effect is √(W·(1/n + 1/m)) without that factor: the distance of the characteristic functions in units of their deviations, about what a shift is in units of the standard deviation.</para>
/// <para>The interval of the effect inverts the noncentral χ², widened by what is uncertain of the covariance. Needs 5 values on both sides. Not computable with infinite values, or when half of all values are equal.
/// Thread-safe: stateless. Time O((n+m) log(n+m)).</para>
/// <para>Source: T. W. Epps and K. J. Singleton, "An omnibus test for the two-sample problem using the empirical characteristic function", Journal of Statistical Computation and Simulation 26 (1986).</para>
/// </remarks>
public sealed class EppsSingleton : ISortedDriftTest
{
    private const int Size = 4;
    private const int SmallCount = 25;
    private const int MinimumCount = 5;
    private const string Symbol = "W";

    /// <summary>Eigenvalues below this share of the largest are rounding.</summary>
    private const double RelativeZero = 1e-13;

    /// <summary>Eigenvalues below this are rounding of cosines and sines that do not vary.</summary>
    private const double AbsoluteZero = 1e-26;

    /// <inheritdoc/>
    public string Name => "epps-singleton";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.2;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => Test(new SortedSample(reference), new SortedSample(current), options);

    /// <inheritdoc/>
    public DriftResult Test(SortedSample reference, SortedSample current, DriftTestOptions? options = null)
        => SortedComparison.Test(this, reference, current, options, Compare, MinimumCount, isOfDistances: true);

    private DriftResult Compare(SortedSample reference, SortedSample current, DriftTestOptions options)
    {
        int n = reference.Count, m = current.Count;
        // By the quartiles, so that one value of extreme size does not make the others vanish.
        var exponent = SafeScale.GetExponent([OrderTests.GetPooledQuantile(reference.Values, current.Values, 0.25), OrderTests.GetPooledQuantile(reference.Values, current.Values, 0.75)], []);
        double[] x = SafeScale.Multiply(reference.Values, exponent), y = SafeScale.Multiply(current.Values, exponent);
        var scale = (OrderTests.GetPooledQuantile(x, y, 0.75) - OrderTests.GetPooledQuantile(x, y, 0.25)) / 2;
        // The median is taken off first, which changes nothing but the rounding of the angles.
        var middle = OrderTests.GetPooledQuantile(x, y, 0.5);
        if (!(scale > 0) || !double.IsFinite(1 / scale))
            return DriftDecision.NotComputable(this, n, m, "Half of all values are equal, so that there is no scale; the Kolmogorov–Smirnov test needs none.");
        double total = (double)n + m;
        var (meanX, covarianceX) = GetMoments(x, middle, scale);
        var (meanY, covarianceY) = GetMoments(y, middle, scale);
        var covariance = new double[Size, Size];
        var difference = new double[Size];
        for (var i = 0; i < Size; i++)
        {
            difference[i] = meanX[i] - meanY[i];
            for (var j = 0; j < Size; j++) covariance[i, j] = (total / n * covarianceX[i, j]) + (total / m * covarianceY[i, j]);
        }

        var (form, rank) = GetQuadraticForm(covariance, difference);
        if (rank == 0) return DriftDecision.NotComputable(this, n, m, "Neither sample varies; the Kolmogorov–Smirnov test needs no variation.");
        var raw = total * form;
        var statistic = Math.Max(n, m) < SmallCount ? raw / (1 + Math.Pow(total, -0.45) + (10.1 * (Math.Pow(n, -1.7) + Math.Pow(m, -1.7)))) : raw;
        var perValue = total / ((double)n * m);
        var critical = Math.Sqrt(ChiSquaredDistribution.UpperQuantile(options.Significance, rank) * perValue);
        var (lower, upper) = NoncentralChiSquaredDistribution.GetInterval(statistic, rank, options.ConfidenceLevel);
        // What is uncertain of the covariance, which counts for large effects.
        var effect = Math.Sqrt(raw * perValue);
        var ofCovariance = EffectIntervals.GetQuantile(options.ConfidenceLevel) * effect * Math.Sqrt(perValue / 2);
        var below = effect - Math.Sqrt(lower * perValue);
        var above = Math.Sqrt(upper * perValue) - effect;
        var interval = new ConfidenceInterval(
            lower == 0 ? 0 : Math.Max(0, effect - Math.Sqrt((below * below) + (ofCovariance * ofCovariance))),
            Math.Max(0, effect + (Math.Sign(above) * Math.Sqrt((above * above) + (ofCovariance * ofCovariance)))), options.ConfidenceLevel);
        return DriftDecision.Decide(
            this, new DriftMeasurement(Symbol, statistic, ChiSquaredDistribution.UpperTail(statistic, rank), effect, critical, interval), n, m, options);
    }

    /// <summary>Gets the means of cos and sin at both points, and their covariance.</summary>
    private static (double[] Mean, double[,] Covariance) GetMoments(double[] values, double middle, double scale)
    {
        var rows = new double[Size][];
        for (var i = 0; i < Size; i++) rows[i] = new double[values.Length];
        for (var k = 0; k < values.Length; k++)
        {
            // Twice the angle is to be a number too.
            var angle = Math.Clamp(0.4 * ((values[k] - middle) / scale), -double.MaxValue / 4, double.MaxValue / 4);
            (rows[2][k], rows[0][k]) = Math.SinCos(angle);
            (rows[3][k], rows[1][k]) = Math.SinCos(2 * angle);
        }

        var mean = Array.ConvertAll(rows, row => System.Numerics.Tensors.TensorPrimitives.Sum<double>(row) / row.Length);
        var covariance = new double[Size, Size];
        for (var i = 0; i < Size; i++) System.Numerics.Tensors.TensorPrimitives.Subtract(rows[i], mean[i], rows[i]);
        for (var i = 0; i < Size; i++)
        {
            for (var j = 0; j < Size; j++) covariance[i, j] = System.Numerics.Tensors.TensorPrimitives.Dot<double>(rows[i], rows[j]) / values.Length;
        }

        return (mean, covariance);
    }

    /// <summary>Gets g′Σ⁺g and the rank of Σ, by C. G. J. Jacobi's rotations (1846).</summary>
    private static (double Form, int Rank) GetQuadraticForm(double[,] matrix, double[] g)
    {
        for (var sweep = 0; sweep < 60; sweep++)
        {
            double off = 0;
            for (var p = 0; p < Size; p++)
            {
                for (var q = p + 1; q < Size; q++) off += Math.Abs(matrix[p, q]);
            }

            if (off == 0) break;
            for (var p = 0; p < Size; p++)
            {
                for (var q = p + 1; q < Size; q++) Rotate(matrix, g, p, q);
            }
        }

        double largest = 0, form = 0;
        for (var i = 0; i < Size; i++) largest = Math.Max(largest, matrix[i, i]);
        var rank = 0;
        for (var i = 0; i < Size; i++)
        {
            if (matrix[i, i] <= Math.Max(RelativeZero * largest, AbsoluteZero)) continue;
            form += g[i] * g[i] / matrix[i, i];
            rank++;
        }

        return (form, rank);
    }

    private static void Rotate(double[,] matrix, double[] g, int p, int q)
    {
        if (matrix[p, q] == 0) return;
        var theta = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q]);
        var tangent = Math.CopySign(1, theta) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var cosine = 1 / Math.Sqrt((tangent * tangent) + 1);
        var sine = tangent * cosine;
        for (var i = 0; i < Size; i++) (matrix[i, p], matrix[i, q]) = ((cosine * matrix[i, p]) - (sine * matrix[i, q]), (sine * matrix[i, p]) + (cosine * matrix[i, q]));
        for (var i = 0; i < Size; i++) (matrix[p, i], matrix[q, i]) = ((cosine * matrix[p, i]) - (sine * matrix[q, i]), (sine * matrix[p, i]) + (cosine * matrix[q, i]));
        (g[p], g[q]) = ((cosine * g[p]) - (sine * g[q]), (sine * g[p]) + (cosine * g[q]));
    }
}
