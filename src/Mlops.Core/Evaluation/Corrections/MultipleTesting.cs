namespace Mlops.Evaluation;

/// <summary>Corrects p-values for the number of tests, so that they can be compared with the significance of all tests together.</summary>
/// <remarks>
/// Adjusted p-values keep the order of the given ones and are at most 1. <see cref="Correction.Holm"/> suits a report that must not raise any false alarm,
/// <see cref="Correction.BenjaminiHochberg"/> one of many columns, of which a few false alarms are borne. Sources: see <see cref="Correction"/>;
/// S. P. Wright, "Adjusted p-values for simultaneous inference", Biometrics 48 (1992). Time O(n log n), for Hommel's O(n²). Thread-safe: stateless.
/// </remarks>
/// <example><code>var adjusted = MultipleTesting.Adjust(pValues, Correction.Holm); // adjusted[i] &lt;= 0.05: test i found something</code></example>
public static class MultipleTesting
{
    /// <summary>Corrects p-values.</summary>
    /// <param name="pValues">The p-values, shape (n), each 0..1, in any order.</param>
    /// <param name="correction">How.</param>
    /// <returns>The corrected ones, shape (n), in the same order, each 0..1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A p-value does not lie between 0 and 1, or the correction is unknown.</exception>
    public static double[] Adjust(ReadOnlySpan<double> pValues, Correction correction)
    {
        if (!Enum.IsDefined(correction)) throw new ArgumentOutOfRangeException(nameof(correction), correction, "The correction is unknown.");
        for (var i = 0; i < pValues.Length; i++)
        {
            if (!(pValues[i] is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(pValues), $"p-value {i} does not lie between 0 and 1.");
        }

        var sorted = pValues.ToArray();
        var order = new int[sorted.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(sorted, order);
        var adjusted = correction == Correction.Hommel ? AdjustHommel(sorted) : AdjustByRank(sorted, correction);
        var result = new double[sorted.Length];
        for (var rank = 0; rank < order.Length; rank++) result[order[rank]] = adjusted[rank];
        return result;
    }

    private static double[] AdjustByRank(double[] sorted, Correction correction)
    {
        var count = sorted.Length;
        var adjusted = new double[count];
        var harmonic = 0.0;
        for (var i = 1; i <= count; i++) harmonic += 1.0 / i;
        for (var rank = 0; rank < count; rank++)
        {
            var p = sorted[rank];
            // Rounding must not take a p-value below what it was.
            adjusted[rank] = Math.Clamp(correction switch
            {
                Correction.Bonferroni => count * p,
                Correction.Holm or Correction.Hochberg => (count - rank) * p,
                Correction.Sidak => GetSidak(p, count),
                Correction.HolmSidak => GetSidak(p, count - rank),
                Correction.BenjaminiHochberg => p * count / (rank + 1),
                Correction.BenjaminiYekutieli => p * count * harmonic / (rank + 1),
                _ => p,
            }, p, 1);
        }

        // Step down: no smaller than any before. Step up: no larger than any after.
        if (correction is Correction.Holm or Correction.HolmSidak)
        {
            for (var rank = 1; rank < count; rank++) adjusted[rank] = Math.Max(adjusted[rank], adjusted[rank - 1]);
        }
        else if (correction is Correction.Hochberg or Correction.BenjaminiHochberg or Correction.BenjaminiYekutieli)
        {
            for (var rank = count - 2; rank >= 0; rank--) adjusted[rank] = Math.Min(adjusted[rank], adjusted[rank + 1]);
        }

        return adjusted;
    }

    private static double[] AdjustHommel(double[] sorted)
    {
        var count = sorted.Length;
        var adjusted = (double[])sorted.Clone();
        for (var size = count; size > 1; size--)
        {
            var first = count - size;
            var simes = double.PositiveInfinity;
            for (var i = 0; i < size; i++) simes = Math.Min(simes, size * sorted[first + i] / (i + 1));
            for (var rank = first; rank < count; rank++) adjusted[rank] = Math.Max(adjusted[rank], simes);
            for (var rank = 0; rank < first; rank++) adjusted[rank] = Math.Max(adjusted[rank], Math.Min(size * sorted[rank], simes));
        }

        for (var rank = 0; rank < count; rank++) adjusted[rank] = Math.Min(1, adjusted[rank]);
        return adjusted;
    }

    /// <summary>Gets 1 − (1 − p)^k without losing the digits of small p.</summary>
    private static double GetSidak(double p, int tests)
    {
        if (p >= 1) return 1;
        // log(1 − p) and 1 − exp(x) by their series where the subtraction would round.
        var exponent = tests * (p < 1e-5 ? -p * (1 + (p / 2) + (p * p / 3)) : Math.Log(1 - p));
        return exponent > -1e-5 ? -exponent * (1 + (exponent / 2 * (1 + (exponent / 3)))) : 1 - Math.Exp(exponent);
    }
}
