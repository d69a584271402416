namespace Mlops.Monitoring;

/// <summary>Tails of Student's t distribution, for any positive degrees of freedom.</summary>
internal static class StudentDistribution
{
    /// <summary>Gets the probability of a value above <paramref name="t"/>.</summary>
    public static double UpperTail(double t, double degreesOfFreedom)
        => t >= 0 ? TwoSidedTail(t, degreesOfFreedom) / 2 : 1 - (TwoSidedTail(t, degreesOfFreedom) / 2);

    /// <summary>Gets the probability of a value farther from 0 than <paramref name="t"/>.</summary>
    public static double TwoSidedTail(double t, double degreesOfFreedom)
        => IncompleteBeta.Regularized(degreesOfFreedom / 2, 0.5, t / degreesOfFreedom * t);

    /// <summary>Gets the value, for a probability of at most a half, that is exceeded with it.</summary>
    public static double UpperQuantile(double probability, double degreesOfFreedom)
        => Quantile.Find(t => UpperTail(t, degreesOfFreedom), probability, 0, 2);
}
