namespace Mlops.Monitoring;

/// <summary>Holm's correction of p-values for the number of tests.</summary>
/// <remarks>
/// With it, the probability of any false alarm among all tests is at most the significance, whatever the dependence between them.
/// Source: S. Holm, "A simple sequentially rejective multiple test procedure" (1979).
/// </remarks>
public static class HolmCorrection
{
    /// <summary>Corrects p-values.</summary>
    /// <param name="pValues">The p-values, shape (n), each 0..1.</param>
    /// <returns>The corrected ones, shape (n), in the same order; at most 1.</returns>
    public static double[] Adjust(ReadOnlySpan<double> pValues)
    {
        var order = new int[pValues.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        var keys = pValues.ToArray();
        Array.Sort(keys, order);
        var adjusted = new double[pValues.Length];
        double largest = 0;
        for (var rank = 0; rank < order.Length; rank++)
        {
            largest = Math.Max(largest, Math.Min(1, keys[rank] * (order.Length - rank)));
            adjusted[order[rank]] = largest;
        }

        return adjusted;
    }
}
