namespace Mlops.Evaluation;

/// <summary>The area under the ROC curve: the probability that a positive row has a larger score than a negative one, ties counting one half.</summary>
/// <remarks>Source: H. B. Mann, D. R. Whitney (1947), with weights.</remarks>
internal static class AreaUnderRoc
{
    /// <summary>The reason for which it is undefined.</summary>
    public const string UndefinedReason = "only one class occurs";

    /// <summary>Computes the area.</summary>
    /// <param name="scored">The score, kind and weight (> 0) of each row; sorted by score afterwards.</param>
    /// <returns>The area, 0..1; <see langword="null"/> where only one kind occurs.</returns>
    public static double? Compute(Span<(double Score, bool IsPositive, double Weight)> scored)
    {
        scored.Sort(static (a, b) => a.Score.CompareTo(b.Score));
        double positives = 0, negatives = 0, area = 0;
        for (var start = 0; start < scored.Length;)
        {
            double tiedPositives = 0, tiedNegatives = 0;
            var score = scored[start].Score;
            for (; start < scored.Length && scored[start].Score == score; start++)
            {
                if (scored[start].IsPositive) tiedPositives += scored[start].Weight;
                else tiedNegatives += scored[start].Weight;
            }

            area += tiedPositives * (negatives + (tiedNegatives / 2));
            positives += tiedPositives;
            negatives += tiedNegatives;
        }

        return positives == 0 || negatives == 0 ? null : area / (positives * negatives);
    }
}
