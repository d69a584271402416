namespace Mlops.Evaluation;

/// <summary>How far apart two samples are.</summary>
internal static class DistributionDistance
{
    /// <summary>The statistic of Kolmogorov and Smirnov: the largest difference between the two cumulative distributions.</summary>
    /// <param name="first">The first sample, without NaN, n ≥ 1; sorted afterwards.</param>
    /// <param name="second">The second one, without NaN, m ≥ 1; sorted afterwards.</param>
    /// <returns>The distance, 0..1.</returns>
    /// <remarks>Source: N. V. Smirnov (1948).</remarks>
    public static double KolmogorovSmirnov(double[] first, double[] second)
    {
        Array.Sort(first);
        Array.Sort(second);
        double largest = 0;
        for (int i = 0, j = 0; i < first.Length && j < second.Length;)
        {
            var value = Math.Min(first[i], second[j]);
            while (i < first.Length && first[i] <= value) i++;
            while (j < second.Length && second[j] <= value) j++;
            largest = Math.Max(largest, Math.Abs(((double)i / first.Length) - ((double)j / second.Length)));
        }

        return largest;
    }

    /// <summary>Cramér's V between the category of a row and the sample that it is of, corrected for the bias of small samples.</summary>
    /// <param name="first">How often each category occurs in the first sample.</param>
    /// <param name="second">How often each occurs in the second one, in the same order.</param>
    /// <param name="rareRatio">The share of all rows below which categories are taken together.</param>
    /// <returns>The association, 0..1; 0 where there is one category only.</returns>
    /// <remarks>Source: W. Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", J. Korean Stat. Soc. 42 (2013).</remarks>
    public static double CramerV(ReadOnlySpan<long> first, ReadOnlySpan<long> second, double rareRatio = 0.01)
    {
        double n = 0;
        for (var i = 0; i < first.Length; i++) n += first[i] + second[i];
        var (columns, otherFirst, otherSecond) = (new List<(double First, double Second)>(), 0L, 0L);
        for (var i = 0; i < first.Length; i++)
        {
            if (first[i] + second[i] >= rareRatio * n && first[i] + second[i] > 0) columns.Add((first[i], second[i]));
            else (otherFirst, otherSecond) = (otherFirst + first[i], otherSecond + second[i]);
        }

        if (otherFirst + otherSecond > 0) columns.Add((otherFirst, otherSecond));
        var (a, b) = (columns.Sum(column => column.First), columns.Sum(column => column.Second));
        if (columns.Count < 2 || a == 0 || b == 0) return 0;
        double squared = 0;
        foreach (var (inFirst, inSecond) in columns)
        {
            var share = (inFirst + inSecond) / n;
            squared += ((inFirst - (share * a)) * (inFirst - (share * a)) / (share * a)) + ((inSecond - (share * b)) * (inSecond - (share * b)) / (share * b));
        }

        const int Samples = 2;
        var corrected = Math.Max(0, (squared / n) - ((columns.Count - 1.0) * (Samples - 1) / (n - 1)));
        var categories = columns.Count - ((columns.Count - 1.0) * (columns.Count - 1) / (n - 1));
        var samples = Samples - ((Samples - 1.0) * (Samples - 1) / (n - 1));
        var smaller = Math.Min(categories, samples) - 1;
        return smaller <= 0 ? 0 : Math.Min(1, Math.Sqrt(corrected / smaller));
    }
}
