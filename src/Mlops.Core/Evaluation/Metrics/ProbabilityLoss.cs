namespace Mlops.Evaluation;

/// <summary>Losses of predicted probabilities.</summary>
internal static class ProbabilityLoss
{
    /// <summary>What probabilities are kept away from 0 and 1 by, before their logarithm is taken: 2⁻⁵².</summary>
    public const double Epsilon = 2.220446049250313e-16;

    /// <summary>The negative logarithm of the probability that was given to what is true.</summary>
    public static double Log(double probabilityOfTruth) => -Math.Log(Math.Clamp(probabilityOfTruth, Epsilon, 1 - Epsilon));

    /// <summary>The weighted mean of <see cref="Log(double)"/> over rows that can be judged.</summary>
    public static double MeanLog(ModelOutcomes judged)
    {
        double sum = 0, weights = 0;
        for (var row = 0; row < judged.RowCount; row++)
        {
            var weight = judged.GetWeight(row);
            sum += weight * Log(judged.GetPredictions(row)[(int)judged.Labels[row]]);
            weights += weight;
        }

        return sum / weights;
    }

    /// <summary>The weighted mean squared difference between the probability of a class and 1 where it is true, 0 elsewhere.</summary>
    /// <remarks>Source: G. W. Brier (1950).</remarks>
    public static double Brier(ModelOutcomes judged, int position)
    {
        double sum = 0, weights = 0;
        for (var row = 0; row < judged.RowCount; row++)
        {
            var weight = judged.GetWeight(row);
            var difference = judged.GetPredictions(row)[position] - (judged.Labels[row] == position ? 1 : 0);
            sum += weight * difference * difference;
            weights += weight;
        }

        return sum / weights;
    }
}
