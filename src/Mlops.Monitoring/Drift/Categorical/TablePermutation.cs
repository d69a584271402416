using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>The distribution of a statistic of a 2 × K table when rows are dealt to the two samples at random: what "without drift" means for exactly these counts.</summary>
/// <remarks>
/// With two categories the tables are enumerated, so the p-value is exact; for millions of rows the normal law takes its place. With more, tables are drawn: (1 + those with a statistic at least as large) / (1 + those drawn).
/// So many are drawn that the p-value can be below the significance, up to a million counts. Where none of them is as large, that is only a bound; then the p-value by the chi-squared law over pooled categories is taken if it is smaller. Both bound the
/// false-alarm rate, the one above the smallest p-value that drawing can give and the other below, so their combination does.
/// Source: R. A. Fisher (1935) for the law; P. Phipson, G. K. Smyth, "Permutation p-values should never be zero" (2010).
/// </remarks>
internal static class TablePermutation
{
    public delegate double Statistic(ReadOnlySpan<long> reference, ReadOnlySpan<long> current);

    /// <summary>Equal statistics may differ in their last digits with the order of a sum.</summary>
    private const double Tolerance = 1e-12;

    private const int MaximumDraws = 1_000_000;

    private const double MaximumEnumeratedDeviation = 2000;

    /// <summary>Where so many tables are as large, the p-value is far above the significances that need more tables.</summary>
    private const int FewAtLeast = 20;

    /// <summary>Up to so many rows of the smaller sample for each category, dealing rows takes less time than drawing the count of each category.</summary>
    private const long RowsPerCategory = 5;

    /// <summary>Gets the p-value, and the value from which on the statistic is significant; infinity where none certainly is.</summary>
    public static (double PValue, double Critical) Test(CategoryTable table, Statistic statistic, double significance, int permutations, int seed)
        => table.CategoryCount > 2 ? Simulate(table, statistic, significance, permutations, seed)
            : GetDeviation(table) > MaximumEnumeratedDeviation ? Approximate(table, statistic, significance)
            : Enumerate(table, statistic, significance);

    private static double GetDeviation(CategoryTable table)
    {
        var share = ((double)table.Reference[0] + table.Current[0]) / table.Total;
        return table.ReferenceCount * Math.Sqrt(share * (1 - share) * table.CurrentCount / table.ReferenceCount / Math.Max(1, table.Total - 1));
    }

    /// <summary>Takes the normal law, which many rows follow. All statistics put the tables of two categories in the order of their distance from the expected one.</summary>
    private static (double PValue, double Critical) Approximate(CategoryTable table, Statistic statistic, double significance)
    {
        var total = table.Reference[0] + table.Current[0];
        var expected = table.GetExpectedReference(0);
        var reach = Math.Sqrt(ChiSquaredDistribution.UpperQuantile(significance, 1)) * GetDeviation(table);
        var pValue = ChiSquaredDistribution.UpperTail(table.GetChiSquared(table.Reference, table.Current), 1);
        return (pValue, Math.Max(Get((long)Math.Ceiling(expected + reach)), Get((long)Math.Floor(expected - reach))));

        double Get(long first)
        {
            Span<long> reference = stackalloc long[2], current = stackalloc long[2];
            table.Deal(Math.Clamp(first, Math.Max(0, total - table.CurrentCount), Math.Min(total, table.ReferenceCount)), reference, current);
            return statistic(reference, current);
        }
    }

    private static (double PValue, double Critical) Enumerate(CategoryTable table, Statistic statistic, double significance)
    {
        var observed = statistic(table.Reference, table.Current);
        double pValue = 0;
        Span<long> reference = stackalloc long[2], current = stackalloc long[2];
        foreach (var (drawn, probability) in new HypergeometricDistribution(table.ReferenceCount, table.CurrentCount, table.Reference[0] + table.Current[0]).Enumerate())
        {
            table.Deal(drawn, reference, current);
            if (statistic(reference, current) >= observed - (Tolerance * Math.Abs(observed))) pValue += probability;
        }

        var critical = TwoCategoryTables.FindCriticalEffect(
            table,
            (reference, current, _) =>
            {
                var value = statistic(reference, current);
                return (value, value);
            },
            significance, Tolerance);
        return (Math.Min(1, pValue), critical);
    }

    /// <summary>Draws tables; more of them where few are as large, so that the p-value can be below the significance.</summary>
    /// <remarks>Whether more are drawn depends on the first ones alone, and of p-values near the significance only the last one is taken, so that the false-alarm rate stays what it is.</remarks>
    private static (double PValue, double Critical) Simulate(CategoryTable table, Statistic statistic, double significance, int permutations, int seed)
    {
        var observed = statistic(table.Reference, table.Current);
        var least = observed - (Tolerance * Math.Abs(observed));
        var most = Math.Max(499, MaximumDraws / table.CategoryCount);
        var draws = Math.Min(permutations, most);
        var all = (int)Math.Min(most, Math.Max(draws, Math.Ceiling(2 / significance)));
        var totals = new long[table.CategoryCount];
        for (var i = 0; i < totals.Length; i++) totals[i] = table.Reference[i] + table.Current[i];
        // The largest categories first: the later ones then have few rows left to deal.
        Array.Sort(totals, static (a, b) => b.CompareTo(a));
        var (reference, current) = (new long[totals.Length], new long[totals.Length]);
        var values = new double[all];
        var random = SplitMix64.FromSeed(seed ^ GetSeed(table));
        int atLeast = 0, drawn = 0;
        while (drawn < draws || (drawn < all && atLeast < FewAtLeast))
        {
            Deal(totals, table.ReferenceCount, table.CurrentCount, reference, current, ref random);
            values[drawn] = statistic(reference, current);
            if (values[drawn++] >= least) atLeast++;
        }

        var simulated = values.AsSpan(0, drawn);
        simulated.Sort();
        var pValue = (1.0 + atLeast) / (1 + drawn);
        var limit = SimulatedLimit.Find(simulated, significance);
        return (atLeast == 0 ? Math.Min(pValue, table.GetPooledPValue(CategoryTable.GetMinimumExpected(significance))) : pValue,
            double.IsFinite(limit) ? limit * (1 + (2 * Tolerance)) : Extrapolate(simulated, significance));
    }

    /// <summary>Estimates the value that is exceeded with a probability that so few values do not tell: by the gamma law of the same mean and variance.</summary>
    private static double Extrapolate(ReadOnlySpan<double> values, double probability)
    {
        double mean = 0, variance = 0;
        foreach (var value in values) mean += value / values.Length;
        foreach (var value in values) variance += (value - mean) * (value - mean) / values.Length;
        return variance > 0 ? variance / mean / 2 * ChiSquaredDistribution.UpperQuantile(probability, 2 * mean * mean / variance) : double.PositiveInfinity;
    }

    /// <summary>Makes a seed of the counts, whatever the order of the categories: with one seed for all tables, chance would err to the same side in all of them.</summary>
    private static int GetSeed(CategoryTable table)
    {
        ulong sum = 0;
        for (var i = 0; i < table.CategoryCount; i++) sum = unchecked(sum + SplitMix64.Mix(((ulong)table.Reference[i] * 0x9E3779B97F4A7C15) + (ulong)table.Current[i]));
        return unchecked((int)SplitMix64.Mix(sum));
    }

    private static void Deal(long[] totals, long referenceCount, long currentCount, long[] reference, long[] current, ref SplitMix64 random)
    {
        if (Math.Min(referenceCount, currentCount) <= RowsPerCategory * totals.Length)
        {
            var (fewer, others) = referenceCount < currentCount ? (reference, current) : (current, reference);
            DealRows(totals, Math.Min(referenceCount, currentCount), fewer, others, ref random);
            return;
        }

        for (var i = 0; i < totals.Length; i++)
        {
            var first = i == totals.Length - 1 ? referenceCount : HypergeometricDistribution.Draw(referenceCount, currentCount, totals[i], ref random);
            (reference[i], current[i]) = (first, totals[i] - first);
            referenceCount -= first;
            currentCount -= totals[i] - first;
        }
    }

    /// <summary>Deals the rows of the smaller sample one by one, which are soon dealt where they are few.</summary>
    private static void DealRows(long[] totals, long rows, long[] fewer, long[] others, ref SplitMix64 random)
    {
        long remaining = 0;
        foreach (var total in totals) remaining += total;
        totals.CopyTo(others, 0);
        Array.Clear(fewer);
        for (; rows > 0; rows--, remaining--)
        {
            var place = (long)random.Next((ulong)remaining);
            var category = 0;
            for (; place >= others[category]; category++) place -= others[category];
            others[category]--;
            fewer[category]++;
        }
    }
}
