namespace Mlops.Evaluation;

/// <summary>Raises the p-values of several tests, so that the probability of one false alarm among all of them stays below the level.</summary>
/// <remarks>Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6(2), 1979. Valid whatever the tests have to do with each other.</remarks>
internal static class HolmCorrection
{
    /// <summary>Adjusts p-values: those below the level are significant.</summary>
    /// <param name="pValues">The p-values, 0..1.</param>
    /// <returns>The adjusted ones, in the same order, 0..1.</returns>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        var order = Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]).ThenBy(i => i).ToArray();
        var adjusted = new double[pValues.Count];
        double most = 0;
        for (var rank = 0; rank < order.Length; rank++)
        {
            most = Math.Max(most, Math.Min(1, (order.Length - rank) * pValues[order[rank]]));
            adjusted[order[rank]] = most;
        }

        return adjusted;
    }
}
