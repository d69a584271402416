namespace Mlops.Validation;

/// <summary>How far a figure of one half of rows may be from that of the other half.</summary>
/// <remarks>Rows are put into halves by chance, so that the difference of two means has the variance σ² (1/n + 1/n), whatever the population.</remarks>
internal static class SuggestionStatistics
{
    /// <summary>The two-sided 99.9 % point of the normal distribution.</summary>
    public const double Z = 3.2905267;

    /// <summary>The lower end of Wilson's interval of the share that another half of as many rows will have, rounded down to thousandths.</summary>
    /// <remarks>Source: E. B. Wilson, JASA 22, 1927; with n/2 instead of n, since both halves vary.</remarks>
    public static double GetLowerShare(double right, double rows)
    {
        double n = rows / 2, p = Math.Max(0, right / rows);
        var centre = p + (Z * Z / (2 * n));
        var half = Z * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n)));
        return Math.Max(0, Math.Floor((centre - half) / (1 + (Z * Z / n)) * 1000) / 1000);
    }

    /// <summary>The degrees of freedom of a variance of values that are not normal: n − 1 divided by 1 + γ₂/2, with γ₂ the excess kurtosis.</summary>
    /// <remarks>Source: G. E. P. Box, "Non-normality and tests on variances", Biometrika 40, 1953.</remarks>
    public static double GetDegreesOfFreedom(long count, double excessKurtosis)
        => double.IsFinite(excessKurtosis) ? (count - 1) / (1 + (Math.Max(excessKurtosis, -1.2) / 2)) : 0;

    /// <summary>The two-sided 99.9 % point of Student's t, by the expansion of Cornish and Fisher; off by less than 0.3 % from 20 degrees of freedom.</summary>
    /// <remarks>Source: R. Fisher, E. Cornish, "The percentile points of distributions having known cumulants", Technometrics 2(2), 1960.</remarks>
    public static double GetStudentT(double degrees)
    {
        var (z3, z5, z7) = (Math.Pow(Z, 3), Math.Pow(Z, 5), Math.Pow(Z, 7));
        return Z + ((z3 + Z) / (4 * degrees)) + (((5 * z5) + (16 * z3) + (3 * Z)) / (96 * degrees * degrees))
            + (((3 * z7) + (19 * z5) + (17 * z3) - (15 * Z)) / (384 * Math.Pow(degrees, 3)));
    }

    /// <summary>The factor by which the standard deviations of two halves differ at most: e to the power of z √(1/ν).</summary>
    /// <remarks>Half the logarithm of a quotient of two χ² variances is nearly normal with variance (1/ν₁ + 1/ν₂)/2. Source: R. Fisher, "On a distribution yielding the error functions of several well known statistics", 1924.</remarks>
    public static double GetDeviationFactor(double degrees) => Math.Exp(Z * Math.Sqrt(1 / degrees));

    /// <summary>Rounds down to a hundredth or so of a width, so that limits are short.</summary>
    public static double RoundDown(double value, double width) => Round(value, width, Math.Floor) is var rounded && rounded <= value ? rounded : value;

    /// <summary>Rounds up to a hundredth or so of a width.</summary>
    public static double RoundUp(double value, double width) => Round(value, width, Math.Ceiling) is var rounded && rounded >= value ? rounded : value;

    private static double Round(double value, double width, Func<double, double> round)
    {
        var digits = 1 - Math.Floor(Math.Log10(width));
        if (!double.IsFinite(digits) || Math.Abs(digits) > 300) return value;
        // Division by a power of ten gives the short decimal; multiplication by a fraction would not.
        var power = Math.Pow(10, Math.Abs(digits));
        return digits >= 0 ? round(value * power) / power : round(value / power) * power;
    }
}
