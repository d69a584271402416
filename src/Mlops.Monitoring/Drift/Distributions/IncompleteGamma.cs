namespace Mlops.Monitoring;

/// <summary>The regularized upper incomplete gamma function Q(a, x), with relative accuracy where it is small.</summary>
/// <remarks>Series below a + 1, continued fraction by Lentz's method above (W. J. Lentz 1976).</remarks>
internal static class IncompleteGamma
{
    private const int MaximumTerms = 1_000_000;
    private const double Tiny = 1e-300;

    /// <summary>Gets Q(a, x).</summary>
    public static double Upper(double a, double x)
    {
        if (x <= 0) return 1;
        if (double.IsPositiveInfinity(x)) return 0;
        return x < a + 1 ? 1 - Series(a, x) : Fraction(a, x);
    }

    /// <summary>Gets xᵃ e⁻ˣ/Γ(a), where large terms cancel before they are rounded.</summary>
    public static double Density(double a, double x)
    {
        if (a < 10) return Math.Exp((a * Math.Log(x)) - x - Accurate.LogGamma(a));
        var excess = (x - a) / a;
        // ln(x/a) − (x − a)/a is small near x = a, where its terms cancel.
        var rest = Math.Abs(excess) < 0.1 ? LogMinusLinear(excess) : Math.Log(x / a) - excess;
        return Math.Exp((a * rest) - Accurate.StirlingRest(a)) * Math.Sqrt(a / (2 * Math.PI));
    }

    private static double Series(double a, double x)
    {
        double term = 1 / a, sum = term;
        for (var i = 1; i <= MaximumTerms; i++)
        {
            term *= x / (a + i);
            sum += term;
            if (term <= 1e-17 * sum) break;
        }

        return Math.Min(1, sum * Density(a, x));
    }

    private static double Fraction(double a, double x)
    {
        var b = x + 1 - a;
        var c = 1 / Tiny;
        var d = 1 / b;
        var value = d;
        for (var i = 1; i <= MaximumTerms; i++)
        {
            var numerator = -i * (i - a);
            b += 2;
            d = 1 / NotZero((numerator * d) + b);
            c = NotZero(b + (numerator / c));
            var factor = d * c;
            value *= factor;
            if (Math.Abs(factor - 1) < 1e-16) break;
        }

        return Math.Min(1, value * Density(a, x));
    }

    /// <summary>Gets ln(1 + u) − u for small u.</summary>
    private static double LogMinusLinear(double u)
    {
        // With r = u/(2 + u): ln(1 + u) = 2(r + r³/3 + r⁵/5 + …), and u = 2r/(1 − r), so the linear terms go.
        var r = u / (2 + u);
        var square = r * r;
        double sum = 0, power = square * r;
        for (var k = 3; k < 60; k += 2)
        {
            sum += power / k;
            power *= square;
        }

        return (2 * sum) - (r * u);
    }

    private static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
