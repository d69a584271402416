namespace Mlops.Monitoring;

/// <summary>The regularized incomplete beta function, with relative accuracy in both tails.</summary>
/// <remarks>
/// Continued fraction by Lentz's method (W. J. Lentz 1976, I. J. Thompson and A. R. Barnett 1986). Takes the odds (1 − x)/x, so that neither x nor 1 − x loses digits.
/// </remarks>
internal static class IncompleteBeta
{
    private const int MaximumTerms = 100_000;
    private const double Tiny = 1e-300;

    /// <summary>Gets Iₓ(a, b) at x = 1/(1 + odds).</summary>
    public static double Regularized(double a, double b, double odds)
    {
        if (odds <= 0) return 1;
        if (double.IsPositiveInfinity(odds)) return 0;
        var x = 1 / (1 + odds);
        return x <= (a + 1) / (a + b + 2) ? Lower(a, b, odds) : 1 - Lower(b, a, 1 / odds);
    }

    private static double Lower(double a, double b, double odds)
    {
        var x = 1 / (1 + odds);
        var logX = -Accurate.LogOnePlus(odds);
        var logY = -Accurate.LogOnePlus(1 / odds);
        var front = Math.Exp((a * logX) + (b * logY) - Accurate.LogBeta(a, b)) / a;
        return front == 0 ? 0 : front * Fraction(a, b, x);
    }

    private static double Fraction(double a, double b, double x)
    {
        double c = 1, d = NotZero(1 - ((a + b) * x / (a + 1)));
        d = 1 / d;
        var value = d;
        for (var i = 1; i <= MaximumTerms; i++)
        {
            var twice = 2.0 * i;
            var even = i * (b - i) * x / ((a + twice - 1) * (a + twice));
            d = 1 / NotZero(1 + (even * d));
            c = NotZero(1 + (even / c));
            value *= d * c;
            var odd = -(a + i) * (a + b + i) * x / ((a + twice) * (a + twice + 1));
            d = 1 / NotZero(1 + (odd * d));
            c = NotZero(1 + (odd / c));
            var factor = d * c;
            value *= factor;
            if (Math.Abs(factor - 1) < 1e-16) break;
        }

        return value;
    }

    private static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
