using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Where the true difference of shares lies.</summary>
/// <remarks>
/// Sources: R. G. Newcombe, "Interval estimation for the difference between independent proportions" (1998), method 10, for one category, from E. B. Wilson's intervals (1927).
/// For the total variation distance: its estimate is never too small on average, and too large by at most half the expected sum of the absolute errors of the shares;
/// it scatters no more than the difference of the shares of any one set of categories does.
/// </remarks>
internal static class ShareIntervals
{
    public static ConfidenceInterval GetTotalVariation(CategoryTable table, double level)
    {
        if (table.CategoryCount == 1) return GetLargestDifference(table, level);
        if (table.CategoryCount == 2) return GetAbsolute(GetDifference(table.Reference[0], table.ReferenceCount, table.Current[0], table.CurrentCount, level), level);
        var distance = table.GetTotalVariation();
        double errors = 0, largestFirst = 0, largestSecond = 0;
        for (var i = 0; i < table.CategoryCount; i++)
        {
            var (p, q) = ((table.Reference[i] + 0.5) / (table.ReferenceCount + 1.0), (table.Current[i] + 0.5) / (table.CurrentCount + 1.0));
            errors += Math.Sqrt((p * (1 - p) / table.ReferenceCount) + (q * (1 - q) / table.CurrentCount));
            (largestFirst, largestSecond) = (Math.Max(largestFirst, p), Math.Max(largestSecond, q));
        }

        // E|error| of a normal law is √(2/π) of its deviation.
        var bias = errors * Math.Sqrt(2 / Math.PI) / 2;
        var deviation = Math.Sqrt((GetLargestVariance(largestFirst) / table.ReferenceCount) + (GetLargestVariance(largestSecond) / table.CurrentCount));
        var reach = EffectIntervals.GetQuantile(level) * deviation;
        return new ConfidenceInterval(Math.Clamp(distance - bias - reach, 0, 1), Math.Min(1, distance + reach), level);
    }

    public static ConfidenceInterval GetLargestDifference(CategoryTable table, double level)
    {
        // The upper bound of the category whose true difference is the largest holds for the largest; the lower bounds hold together.
        double lower = 0, upper = 0;
        var jointly = table.CategoryCount <= 2 ? level : 1 - ((1 - level) / table.CategoryCount);
        for (var i = 0; i < table.CategoryCount; i++)
        {
            upper = Math.Max(upper, GetAbsolute(GetDifference(table.Reference[i], table.ReferenceCount, table.Current[i], table.CurrentCount, level), level).Upper);
            lower = Math.Max(lower, GetAbsolute(GetDifference(table.Reference[i], table.ReferenceCount, table.Current[i], table.CurrentCount, jointly), level).Lower);
        }

        return new ConfidenceInterval(lower, upper, level);
    }

    /// <summary>Gets the interval of the difference of two proportions.</summary>
    public static (double Lower, double Upper) GetDifference(long firstHits, long firstCount, long secondHits, long secondCount, double level)
    {
        var z = EffectIntervals.GetQuantile(level);
        var (p, q) = ((double)firstHits / firstCount, (double)secondHits / secondCount);
        var (firstLower, firstUpper) = GetWilson(p, firstCount, z);
        var (secondLower, secondUpper) = GetWilson(q, secondCount, z);
        return (p - q - Math.Sqrt(((p - firstLower) * (p - firstLower)) + ((secondUpper - q) * (secondUpper - q))),
            p - q + Math.Sqrt(((firstUpper - p) * (firstUpper - p)) + ((q - secondLower) * (q - secondLower))));
    }

    public static ConfidenceInterval GetAbsolute((double Lower, double Upper) signed, double level)
        => signed.Lower > 0 ? new ConfidenceInterval(signed.Lower, Math.Min(1, signed.Upper), level)
            : signed.Upper < 0 ? new ConfidenceInterval(-signed.Upper, Math.Min(1, -signed.Lower), level)
            : new ConfidenceInterval(0, Math.Min(1, Math.Max(-signed.Lower, signed.Upper)), level);

    /// <summary>Gets the largest P(A)·(1 − P(A)) of any set of categories, of which the most frequent one has the given share.</summary>
    private static double GetLargestVariance(double largest) => largest <= 0.5 ? 0.25 : largest * (1 - largest);

    private static (double Lower, double Upper) GetWilson(double p, double count, double z)
    {
        var middle = (p + (z * z / (2 * count))) / (1 + (z * z / count));
        var reach = z / (1 + (z * z / count)) * Math.Sqrt((p * (1 - p) / count) + (z * z / (4 * count * count)));
        return (Math.Max(0, middle - reach), Math.Min(1, middle + reach));
    }
}
