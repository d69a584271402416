namespace Mlops.Monitoring;

/// <summary>The noncentral chi-squared law, by the cube root that makes it nearly normal.</summary>
/// <remarks>Source: S. H. Abdel-Aty, "Approximate formulae for the percentage points and the probability integral of the non-central χ² distribution", Biometrika 41 (1954). Good to about three digits of a probability.</remarks>
internal static class NoncentralChiSquaredDistribution
{
    /// <summary>Gets the interval of noncentralities that a value speaks for; (0, 0) where it is too small for any.</summary>
    public static (double Lower, double Upper) GetInterval(double value, double degreesOfFreedom, double level)
        => (GetNoncentrality(value, degreesOfFreedom, (1 - level) / 2), GetNoncentrality(value, degreesOfFreedom, (1 + level) / 2));

    /// <summary>Gets the noncentrality for which a value lies below the given one with the probability 1 − <paramref name="probability"/>; 0 where there is none.</summary>
    private static double GetNoncentrality(double value, double degreesOfFreedom, double probability)
    {
        if (!(value > 0)) return 0;
        var z = NormalDistribution.UpperQuantile(probability);
        if (GetScore(value, degreesOfFreedom, 0) <= z) return 0;
        double low = 0, high = 4 * (value + degreesOfFreedom + 10);
        while (GetScore(value, degreesOfFreedom, high) > z) high *= 2;
        for (var i = 0; i < 100 && high - low > 1e-10 * high; i++)
        {
            var middle = (low + high) / 2;
            if (GetScore(value, degreesOfFreedom, middle) > z) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }

    private static double GetScore(double value, double degreesOfFreedom, double noncentrality)
    {
        var mean = degreesOfFreedom + noncentrality;
        var spread = 2.0 / 9 * (1 + (noncentrality / mean)) / mean;
        return (Math.Cbrt(value / mean) - (1 - spread)) / Math.Sqrt(spread);
    }
}
