namespace Mlops.Evaluation;

/// <summary>What metrics do to probabilities.</summary>
internal static class Probability
{
    /// <summary>What probabilities are kept away from 0 and 1 by, before their logarithm is taken: 2⁻⁵².</summary>
    public const double Epsilon = 2.220446049250313e-16;

    /// <summary>Keeps a probability away from 0 and 1.</summary>
    public static double Clamp(double probability) => Math.Clamp(probability, Epsilon, 1 - Epsilon);

    /// <summary>The negative logarithm of the probability that was given to what is true.</summary>
    public static double Loss(double probabilityOfTruth) => -Math.Log(Clamp(probabilityOfTruth));
}
