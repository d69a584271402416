using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A 2 × K table of counts without empty categories, and what the tests of categories need of it.</summary>
internal sealed class CategoryTable
{
    /// <summary>The expected count from which on the chi-squared law holds well enough at 5 % (W. G. Cochran, 1954).</summary>
    private const double MinimumExpected = 5;

    private CategoryTable(long[] reference, long[] current, long referenceCount, long currentCount)
    {
        (Reference, Current, ReferenceCount, CurrentCount) = (reference, current, referenceCount, currentCount);
        Total = (double)referenceCount + currentCount;
        PerRow = (1.0 / referenceCount) + (1.0 / currentCount);
    }

    public long[] Reference { get; }

    public long[] Current { get; }

    public long ReferenceCount { get; }

    public long CurrentCount { get; }

    public double Total { get; }

    /// <summary>Gets 1/n + 1/m.</summary>
    public double PerRow { get; }

    public int CategoryCount => Reference.Length;

    /// <summary>Takes rows of counts, without the categories that neither has.</summary>
    /// <exception cref="ArgumentException">The rows have different lengths or a negative count, or add up to more than 2⁶³ − 1.</exception>
    public static CategoryTable From(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        if (reference.Length != current.Length)
            throw new ArgumentException($"The rows have {reference.Length} and {current.Length} categories; give both the same.", nameof(current));
        Int128 n = 0, m = 0;
        var kept = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(reference[i], nameof(reference));
            ArgumentOutOfRangeException.ThrowIfNegative(current[i], nameof(current));
            n += reference[i];
            m += current[i];
            if (reference[i] > 0 || current[i] > 0) kept++;
        }

        if (n > long.MaxValue || m > long.MaxValue) throw new ArgumentException("The counts of a row add up to more than 2^63 - 1.", nameof(reference));
        var (first, second) = (new long[kept], new long[kept]);
        kept = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            if (reference[i] == 0 && current[i] == 0) continue;
            (first[kept], second[kept]) = (reference[i], current[i]);
            kept++;
        }

        return new CategoryTable(first, second, (long)n, (long)m);
    }

    /// <summary>Takes the counts of two columns, the categories in ordinal order.</summary>
    /// <remarks>
    /// A sketch that ran full may have met a value and counted it among the others, and after a merge counts may be lower bounds, so such values are compared among the others on both sides, and so are rare values then.
    /// A full sketch counts the values that came early, and so saw more than their share of them; as many of their rows as that may be, but no more than make the sides alike, are moved to the others.
    /// A table of one category is left where no value is counted on both sides.
    /// </remarks>
    public static CategoryTable From(ValueCounts expected, ValueCounts actual)
    {
        if (expected.IsExact && actual.IsExact)
        {
            var table = ContingencyTable.FromCounts(expected, actual);
            return From(table.Reference, table.Current);
        }

        var reference = new List<long>();
        var current = new List<long>();
        // The smallest total whose expected count reaches the minimum on the smaller side.
        var smallestTotal = MinimumExpected * ((double)expected.Count + actual.Count) / Math.Min(expected.Count, actual.Count);
        long n = 0, m = 0;
        foreach (var (value, count) in expected.GetOrdered())
        {
            var other = actual.GetCount(value);
            if (!IsCounted(expected, value) || !IsCounted(actual, value) || count + other < smallestTotal) continue;
            Add(count, other);
        }

        foreach (var (value, count) in actual.GetOrdered())
        {
            if (expected.GetCount(value) == 0 && expected.IsExact && IsCounted(actual, value) && count >= smallestTotal) Add(0, count);
        }

        var (share, otherShare) = ((double)n / expected.Count, (double)m / actual.Count);
        if (share > otherShare) n = TakeAway(reference, n, Math.Min(GetEarlyRows(expected, reference), n - (otherShare * expected.Count)));
        else m = TakeAway(current, m, Math.Min(GetEarlyRows(actual, current), m - (share * actual.Count)));
        Add(expected.Count - n, actual.Count - m);
        return From([.. reference], [.. current]);

        void Add(long first, long second)
        {
            reference.Add(first);
            current.Add(second);
            n += first;
            m += second;
        }
    }

    private static bool IsCounted(ValueCounts counts, string value) => counts.GetUpperBound(value) == counts.GetCount(value);

    /// <summary>Gets by how many rows, at most, sketches that ran full count too many of the values that they count, for these came early enough to be counted.</summary>
    /// <remarks>Of a value that is expected λ times until a part is full, and came, λ/(1 − exp(−λ)) are expected. A part is full after at least as many rows as it counts values.</remarks>
    private static double GetEarlyRows(ValueCounts counts, List<long> counted)
    {
        double sum = 0;
        if (counts.FullPartCount == 0) return sum;
        foreach (var count in counted)
        {
            var early = (double)count * counts.DistinctCount / counts.Count;
            sum += early < 1e-6 ? 1 : early / double.ExpM1(early);
        }

        return sum * counts.FullPartCount;
    }

    /// <summary>Takes rows away from all counts in the same ratio, and gives what is left of their sum.</summary>
    private static long TakeAway(List<long> counts, long sum, double rows)
    {
        if (rows < 1) return sum;
        // Rounded as they add up, so that no row is lost.
        var kept = 1 - (rows / sum);
        long before = 0, after = 0;
        for (var i = 0; i < counts.Count; i++)
        {
            before += counts[i];
            var end = (long)Math.Round(before * kept);
            (counts[i], after) = (end - after, end);
        }

        return after;
    }

    /// <summary>Gets the expected count from which on the chi-squared law holds as well at a significance as it does at 5 % from five on.</summary>
    /// <remarks>
    /// By the first term of H. Cramér's expansion (1938), the tail of a count of which e are expected is that of the normal law times exp(±z³/(6√e)), both sides together cosh(z³/(6√e)): so e must grow with z⁶.
    /// At 0.1 % it is 112, at one in ten thousand 303: where many columns share a significance, a count of five has several times as many alarms as it may.
    /// </remarks>
    public static double GetMinimumExpected(double significance) => MinimumExpected * Math.Max(1, Math.Pow(NormalDistribution.UpperQuantile(significance / 2) / NormalDistribution.UpperQuantile(0.025), 6));

    public double GetExpectedReference(int category) => ((double)Reference[category] + Current[category]) * ReferenceCount / Total;

    public double GetExpectedCurrent(int category) => ((double)Reference[category] + Current[category]) * CurrentCount / Total;

    /// <summary>Makes the table of two categories with these margins in which the reference has so many rows of the first.</summary>
    public void Deal(long first, Span<long> reference, Span<long> current)
    {
        (reference[0], reference[1]) = (first, ReferenceCount - first);
        current[0] = Reference[0] + Current[0] - first;
        current[1] = CurrentCount - current[0];
    }

    /// <summary>Gets the smallest expected count of all cells.</summary>
    public double GetSmallestExpected()
    {
        var smallest = double.PositiveInfinity;
        for (var i = 0; i < CategoryCount; i++) smallest = Math.Min(smallest, Math.Min(GetExpectedReference(i), GetExpectedCurrent(i)));
        return smallest;
    }

    public double GetTotalVariation() => GetTotalVariation(Reference, Current);

    /// <summary>Gets half the sum of the absolute differences of the shares.</summary>
    public double GetTotalVariation(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double sum = 0;
        for (var i = 0; i < reference.Length; i++) sum += Math.Abs(((double)reference[i] / ReferenceCount) - ((double)current[i] / CurrentCount));
        return Math.Min(1, sum / 2);
    }

    /// <summary>Gets the largest difference of two shares.</summary>
    public double GetLargestDifference(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double largest = 0;
        for (var i = 0; i < reference.Length; i++) largest = Math.Max(largest, Math.Abs(((double)reference[i] / ReferenceCount) - ((double)current[i] / CurrentCount)));
        return largest;
    }

    /// <summary>Gets χ² of rows with these margins.</summary>
    public double GetChiSquared(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        // Σ (O − E)²/E over both rows is Σ (nm/N)·(a/n − b/m)²·N/(a + b), which loses no digits where the shares agree.
        double sum = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            var difference = ((double)reference[i] / ReferenceCount) - ((double)current[i] / CurrentCount);
            if (difference != 0) sum += difference * difference / ((double)reference[i] + current[i]);
        }

        return sum * ReferenceCount * CurrentCount;
    }

    /// <summary>Gets the p-value by the chi-squared law after categories with small expected counts were counted together.</summary>
    /// <remarks>What is counted together depends on the margins alone, so it does not change the false-alarm rate.</remarks>
    /// <param name="minimumExpected">The expected count that is not small.</param>
    public double GetPooledPValue(double minimumExpected)
    {
        var order = Enumerable.Range(0, CategoryCount).OrderBy(i => Reference[i] + (double)Current[i]).ThenBy(i => i).ToArray();
        var smaller = Math.Min(ReferenceCount, CurrentCount) / Total;
        List<long> reference = [], current = [];
        long first = 0, second = 0;
        foreach (var category in order)
        {
            first += Reference[category];
            second += Current[category];
            if (((double)first + second) * smaller < minimumExpected) continue;
            reference.Add(first);
            current.Add(second);
            (first, second) = (0, 0);
        }

        if (reference.Count < 2) return 1;
        reference[^1] += first;
        current[^1] += second;
        return ChiSquaredDistribution.UpperTail(GetChiSquared([.. reference], [.. current]), reference.Count - 1);
    }
}
