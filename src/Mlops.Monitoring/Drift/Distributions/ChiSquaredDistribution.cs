using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Mlops.Monitoring;

/// <summary>Tails of the chi-squared distribution.</summary>
internal static class ChiSquaredDistribution
{
    public static double UpperTail(double statistic, int degreesOfFreedom)
        => statistic <= 0 ? 1 : Math.Clamp(SpecialFunctions.GammaUpperRegularized(degreesOfFreedom / 2.0, statistic / 2), 0, 1);

    public static double UpperQuantile(double probability, int degreesOfFreedom) => 2 * Gamma.InvCDF(degreesOfFreedom / 2.0, 1, 1 - probability);
}
