namespace Mlops.Monitoring;

/// <summary>Elementary functions where the plain formula loses digits.</summary>
internal static class Accurate
{
    private const double HalfLogTwoPi = 0.91893853320467274178;

    private static readonly double[] s_logFactorials = MakeLogFactorials(256);

    /// <summary>Gets ln(1 + x).</summary>
    /// <remarks>Source: W. Kahan, as in HP-15C Advanced Functions Handbook (1982).</remarks>
    public static double LogOnePlus(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : double.IsInfinity(sum) ? sum : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>Gets ln Γ(x) for x &gt; 0.</summary>
    public static double LogGamma(double x) => x < 10 ? LogGammaBelowTen(x) : ((x - 0.5) * Math.Log(x)) - x + HalfLogTwoPi + StirlingRest(x);

    /// <summary>Gets ln n! for n ≥ 0.</summary>
    public static double LogFactorial(long n) => n < s_logFactorials.Length ? s_logFactorials[n] : LogGamma(n + 1.0);

    /// <summary>Gets ln B(a, b), where large terms cancel before they are rounded.</summary>
    public static double LogBeta(double a, double b)
    {
        if (a < b) (a, b) = (b, a);
        if (a < 10) return LogGamma(a) + LogGamma(b) - LogGamma(a + b);
        // ln Γ(a) − ln Γ(a + b), both by Stirling's formula.
        var ratio = -((a - 0.5) * LogOnePlus(b / a)) - (b * Math.Log(a + b)) + b + StirlingRest(a) - StirlingRest(a + b);
        return ratio + LogGamma(b);
    }

    /// <summary>Gets what Stirling's formula lacks: ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π), for x ≥ 10.</summary>
    /// <remarks>Source: J. Stirling (1730); coefficients B₂ₖ/(2k(2k − 1)).</remarks>
    public static double StirlingRest(double x)
    {
        ReadOnlySpan<double> coefficients = [-3617.0 / 122400, 1.0 / 156, -691.0 / 360360, 1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12];
        var inverse = 1 / (x * x);
        double sum = 0;
        foreach (var coefficient in coefficients) sum = (sum * inverse) + coefficient;
        return sum / x;
    }

    private static double[] MakeLogFactorials(int count)
    {
        var factorials = new double[count];
        for (var n = 2; n < count; n++) factorials[n] = LogGamma(n + 1.0);
        return factorials;
    }

    private static double LogGammaBelowTen(double x)
    {
        double product = 1;
        while (x < 10) product *= x++;
        return LogGamma(x) - Math.Log(product);
    }
}
