using MathNet.Numerics;

namespace Mlops.Monitoring;

/// <summary>Tails of the standard normal distribution, with full digits down to the smallest doubles.</summary>
internal static class NormalDistribution
{
    private const double SquareRootOfTwo = 1.4142135623730951;

    /// <summary>Gets the probability of a value above <paramref name="z"/>.</summary>
    public static double UpperTail(double z) => 0.5 * SpecialFunctions.Erfc(z / SquareRootOfTwo);

    /// <summary>Gets the probability of a value farther from 0 than <paramref name="z"/>.</summary>
    public static double TwoSidedTail(double z) => SpecialFunctions.Erfc(Math.Abs(z) / SquareRootOfTwo);

    /// <summary>Gets the value that is exceeded with the given probability.</summary>
    public static double UpperQuantile(double probability) => SquareRootOfTwo * SpecialFunctions.ErfcInv(2 * probability);
}
