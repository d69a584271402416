namespace Mlops.Profiles;

/// <summary>Count, mean and the sums of the second to fourth powers of deviations from the mean.</summary>
/// <param name="Count">The number of values.</param>
/// <param name="Mean">The mean.</param>
/// <param name="MeanRest">What the mean is more than its double: values with a large offset differ from their mean in digits that one double does not hold.</param>
/// <param name="Squares">Σ (x − mean)².</param>
/// <param name="Cubes">Σ (x − mean)³.</param>
/// <param name="Fourths">Σ (x − mean)⁴.</param>
/// <remarks>Source: T. F. Chan, G. H. Golub, R. J. LeVeque (1979); P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments" (2008).</remarks>
internal readonly record struct CentralMoments(long Count, double Mean, double MeanRest, double Squares, double Cubes, double Fourths)
{
    /// <summary>Makes moments from the sums of the first four powers of deviations from a pivot.</summary>
    public static CentralMoments FromPivot(long count, double pivot, double sum1, double sum2, double sum3, double sum4)
    {
        var m = sum1 / count;
        var (mean, rest) = Add(pivot, m);
        return new CentralMoments(
            count, mean, rest,
            Math.Max(0, sum2 - (m * sum1)),
            sum3 - (3 * m * sum2) + (2 * m * m * sum1),
            sum4 - (4 * m * sum3) + (6 * m * m * sum2) - (3 * m * m * m * sum1));
    }

    /// <summary>Gets the moments of both sets of values together.</summary>
    public CentralMoments Combine(in CentralMoments other)
    {
        if (Count == 0) return other;
        if (other.Count == 0) return this;
        double a = Count, b = other.Count, n = a + b;
        var delta = other.Mean - Mean + (other.MeanRest - MeanRest);
        var perValue = delta / n;
        var spread = delta * perValue * a * b;
        var (mean, rest) = Add(Mean, MeanRest + (perValue * b));
        return new CentralMoments(
            Count + other.Count, mean, rest,
            Squares + other.Squares + spread,
            Cubes + other.Cubes + (spread * perValue * (a - b)) + (3 * perValue * ((a * other.Squares) - (b * Squares))),
            Fourths + other.Fourths + (spread * perValue * perValue * ((a * a) - (a * b) + (b * b)))
                + (6 * perValue * perValue * ((a * a * other.Squares) + (b * b * Squares))) + (4 * perValue * ((a * other.Cubes) - (b * Cubes))));
    }

    /// <summary>Adds two numbers into one and what rounding leaves; D. E. Knuth's two-sum.</summary>
    public static (double High, double Low) Add(double a, double b)
    {
        var sum = a + b;
        if (!double.IsFinite(sum)) return (sum, 0);
        var part = sum - a;
        return (sum, a - (sum - part) + (b - part));
    }
}
