namespace Mlops.Monitoring;

/// <summary>All 2 × 2 tables with the margins of a given one, in the order in which a test finds them more extreme.</summary>
internal static class TwoCategoryTables
{
    /// <summary>Tables that are far less likely than the significance have no part in the limit.</summary>
    private const double SmallestPart = 1e-9;

    /// <summary>Rounding of a sum of probabilities must not make a table significant that is not.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Says how extreme a table is, and how large its effect.</summary>
    /// <param name="reference">The counts of the reference, shape (2).</param>
    /// <param name="current">The counts of the current data, shape (2).</param>
    /// <param name="probability">The probability of the table, given its margins.</param>
    public delegate (double Score, double Effect) Measure(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double probability);

    /// <summary>Finds the smallest effect from which on every table of these margins is significant.</summary>
    /// <param name="table">The table that gives the margins.</param>
    /// <param name="measure">How extreme a table is: its p-value is the probability of all that are as extreme.</param>
    /// <param name="significance">The significance.</param>
    /// <param name="tolerance">By how much, of their size, equal scores may differ.</param>
    /// <returns>The effect; infinity when none is significant.</returns>
    public static double FindCriticalEffect(CategoryTable table, Measure measure, double significance, double tolerance)
    {
        var law = new HypergeometricDistribution(table.ReferenceCount, table.CurrentCount, table.Reference[0] + table.Current[0]);
        var tables = new List<(double Score, double Effect, double Probability)>();
        Span<long> reference = stackalloc long[2], current = stackalloc long[2];
        foreach (var (drawn, probability) in law.Enumerate())
        {
            if (probability <= SmallestPart * significance) continue;
            table.Deal(drawn, reference, current);
            var (score, effect) = measure(reference, current, probability);
            tables.Add((score, effect, probability));
        }

        tables.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        // The limit lies above every effect that is not significant.
        double largest = double.NegativeInfinity, pValue = 0;
        for (int i = 0, end = 0; i < tables.Count; i++)
        {
            for (; end < tables.Count && tables[end].Score >= tables[i].Score - (tolerance * Math.Abs(tables[i].Score)); end++) pValue += tables[end].Probability;
            if (pValue > significance * (1 - Rounding)) largest = Math.Max(largest, tables[i].Effect);
        }

        var critical = double.PositiveInfinity;
        foreach (var (_, effect, _) in tables)
        {
            if (effect > largest) critical = Math.Min(critical, effect);
        }

        return critical;
    }
}
