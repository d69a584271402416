namespace Mlops.Evaluation;

/// <summary>The normal distribution of mean 0 and variance 1.</summary>
internal static class StandardNormal
{
    /// <summary>The probability of a value at least as far from 0 as z, on either side; relative error below 10⁻¹³.</summary>
    /// <remarks>Source: M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 7.1.6 (series) and 7.1.14 (continued fraction).</remarks>
    public static double TwoSidedTail(double z)
    {
        var x = Math.Abs(z) / Math.Sqrt(2);
        if (double.IsInfinity(x)) return 0;
        return x < 2 ? 1 - ErrorSeries(x) : ComplementFraction(x);
    }

    /// <summary>Finds the value that a share of the distribution lies below, by bisection of the tail.</summary>
    /// <param name="share">The share, above 0 and below 1.</param>
    public static double Quantile(double share)
    {
        var tail = 2 * Math.Min(share, 1 - share);
        double low = 0, high = 40;
        for (var i = 0; i < 100 && high - low > 0; i++)
        {
            var middle = (low + high) / 2;
            if (middle == low || middle == high) break;
            if (TwoSidedTail(middle) > tail) low = middle;
            else high = middle;
        }

        return share < 0.5 ? -high : high;
    }

    private static double ErrorSeries(double x)
    {
        double term = x, sum = x;
        for (var n = 1; term > sum * 1e-17; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>Evaluated from the end: with 200 terms exact to rounding from 2 on.</summary>
    private static double ComplementFraction(double x)
    {
        var fraction = x;
        for (var n = 200; n > 0; n--) fraction = x + (n / 2.0 / fraction);
        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * fraction);
    }
}
