namespace Mlops.Validation;

/// <summary>How closely two columns go together, 0..1, whatever they hold.</summary>
internal static class Association
{
    /// <summary>Spearman's correlation without its sign: that of ranks.</summary>
    /// <param name="a">The ranks of one column, as <see cref="Rank"/> gives them, shape (rows).</param>
    /// <param name="b">The ranks of the other, shape (rows).</param>
    /// <returns>The correlation; <see langword="null"/> when fewer than two rows have both, or one is constant.</returns>
    public static double? OfRanks(double[] a, double[] b)
    {
        double sumA = 0, sumB = 0;
        var count = 0;
        for (var i = 0; i < a.Length; i++)
        {
            if (double.IsNaN(a[i]) || double.IsNaN(b[i])) continue;
            sumA += a[i];
            sumB += b[i];
            count++;
        }

        if (count < 2) return null;
        double meanA = sumA / count, meanB = sumB / count, aa = 0, bb = 0, ab = 0;
        for (var i = 0; i < a.Length; i++)
        {
            if (double.IsNaN(a[i]) || double.IsNaN(b[i])) continue;
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
            ab += (a[i] - meanA) * (b[i] - meanB);
        }

        return aa > 0 && bb > 0 ? Math.Min(1, Math.Abs(ab) / Math.Sqrt(aa) / Math.Sqrt(bb)) : null;
    }

    /// <summary>Gives each value its rank, equal ones the mean of theirs; NaN stays.</summary>
    public static double[] Rank(double[] values)
    {
        var ranks = new double[values.Length];
        int[] order = [.. Enumerable.Range(0, values.Length).Where(i => !double.IsNaN(values[i])).OrderBy(i => values[i])];
        Array.Fill(ranks, double.NaN);
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]] == values[order[start]];) end++;
            for (var i = start; i < end; i++) ranks[order[i]] = (start + end + 1) / 2.0;
        }

        return ranks;
    }

    /// <summary>The correlation ratio η: the root of the share of a number's variance that lies between categories. Source: K. Pearson, 1905.</summary>
    /// <param name="categories">The categories, from 0; -1 where there is none; shape (rows).</param>
    /// <param name="count">The number of categories.</param>
    /// <param name="values">The numbers; NaN where there is none; shape (rows).</param>
    /// <returns>The ratio; <see langword="null"/> when the numbers, or the categories, are constant.</returns>
    public static double? OfCategoriesAndNumbers(int[] categories, int count, double[] values)
    {
        var (counts, means) = (new long[count], new double[count]);
        var (total, mean, squares) = (0L, 0.0, 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            if (categories[i] < 0 || double.IsNaN(values[i])) continue;
            var off = values[i] - mean;
            mean += off / ++total;
            squares += off * (values[i] - mean);
            means[categories[i]] += (values[i] - means[categories[i]]) / ++counts[categories[i]];
        }

        if (!(squares > 0) || counts.Count(rows => rows > 0) < 2) return null;
        double between = 0;
        for (var i = 0; i < count; i++) between += counts[i] * (means[i] - mean) * (means[i] - mean);
        return Math.Min(1, Math.Sqrt(between / squares));
    }

    /// <summary>The symmetric uncertainty coefficient of two categories: twice their mutual information, divided by the sum of their entropies. Source: H. Theil, 1970.</summary>
    /// <param name="a">The categories of one column, from 0; -1 where there is none; shape (rows).</param>
    /// <param name="countA">The number of its categories.</param>
    /// <param name="b">Those of the other, shape (rows).</param>
    /// <param name="countB">The number of its categories.</param>
    /// <returns>The coefficient; <see langword="null"/> when both are constant.</returns>
    public static double? OfCategories(int[] a, int countA, int[] b, int countB)
    {
        var (table, sumA, sumB, total) = (new long[countA, countB], new long[countA], new long[countB], 0L);
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] < 0 || b[i] < 0) continue;
            table[a[i], b[i]]++;
            sumA[a[i]]++;
            sumB[b[i]]++;
            total++;
        }

        var joint = Entropy(table.Cast<long>(), total);
        var (own, other) = (Entropy(sumA, total), Entropy(sumB, total));
        return own + other > 0 ? Math.Clamp(2 * (own + other - joint) / (own + other), 0, 1) : null;
    }

    private static double Entropy(IEnumerable<long> counts, long total)
        => counts.Where(count => count > 0).Sum(count => -(double)count / total * Math.Log((double)count / total));
}
