namespace Mlops.Validation;

/// <summary>Cramér's V of two datasets and the categories of a column: how much the shares of the categories differ, 0 (not at all) to 1 (no category in common).</summary>
/// <remarks>
/// <para>
/// The table has a row for each dataset. Its rows are given the same weight, so that the figure does not depend on how large the test set is beside the training set; φ² is
/// then ½ Σ (p − q)² / (p + q), with the shares p and q of a category. It is freed of its bias, that chance alone makes shares differ, for n = 4 n₁n₂ / (n₁ + n₂) rows.
/// </para>
/// <para>Chance: n φ² is about χ² distributed where the datasets do not differ.</para>
/// <para>Source: H. Cramér, 1946; W. Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", Journal of the Korean Statistical Society 42, 2013. There is no continuity correction.</para>
/// </remarks>
internal static class CramersV
{
    /// <summary>Measures the difference of shares.</summary>
    /// <param name="counts">How often each category occurs in each dataset.</param>
    /// <param name="minimumRatio">Categories with a smaller share, the mean of that in the two datasets, count as one.</param>
    /// <returns>The figure, 0..1, and the one that samples of one distribution reach once in a thousand times; NaN where one of the datasets has no row.</returns>
    public static (double Value, double Chance) Compute(IReadOnlyList<(long Train, long Test)> counts, double minimumRatio)
    {
        double train = counts.Sum(count => count.Train), test = counts.Sum(count => count.Test);
        if (train == 0 || test == 0) return (double.NaN, double.NaN);
        var (phi, categories, rareP, rareQ) = (0.0, 0, 0.0, 0.0);
        foreach (var count in counts)
        {
            var (p, q) = (count.Train / train, count.Test / test);
            if (p + q < 2 * minimumRatio) (rareP, rareQ) = (rareP + p, rareQ + q);
            else Take(p, q);
        }

        Take(rareP, rareQ);
        if (categories < 2) return (0, 0);
        var n = 4 * train * test / (train + test);
        return (Correct(phi, categories, n), Correct(Math.Min(1, RareChiSquare(categories - 1) / n), categories, n));

        void Take(double p, double q)
        {
            if (p + q == 0) return;
            phi += (p - q) * (p - q) / (p + q) / 2;
            categories++;
        }
    }

    private static double Correct(double phi, int categories, double n)
    {
        if (n <= 2) return Math.Sqrt(phi); // Two rows: there is nothing to correct by.
        var corrected = Math.Max(0, phi - ((categories - 1) / (n - 1)));
        // The smaller of the two corrected sizes is that of the datasets: there are two, and at least as many categories.
        var size = Math.Min(2 - (1 / (n - 1)), categories - ((categories - 1) * (categories - 1) / (n - 1)));
        return size <= 1 ? Math.Sqrt(phi) : Math.Min(1, Math.Sqrt(corrected / (size - 1)));
    }

    /// <summary>What a χ² variable exceeds once in a thousand times.</summary>
    /// <remarks>Source: E. B. Wilson, M. M. Hilferty, "The distribution of chi-square", PNAS 17, 1931.</remarks>
    private static double RareChiSquare(int degrees)
    {
        const double Z = 3.0902;
        var spread = 2.0 / (9 * degrees);
        var root = 1 - spread + (Z * Math.Sqrt(spread));
        return degrees * root * root * root;
    }
}
