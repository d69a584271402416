namespace Mlops.Monitoring;

/// <summary>A step of the walk of F − G over shuffled labels.</summary>
/// <param name="Length">The number of pooled values that it passes.</param>
/// <param name="Remaining">The number of pooled values after it.</param>
/// <param name="Gap">How far the values before and after it lie apart.</param>
/// <param name="Kept">For a leap, the share of the labels that remain.</param>
/// <param name="Deviation">For a leap, the standard deviation of the labels drawn; 0 where they are drawn one by one.</param>
internal readonly record struct ShuffleStep(long Length, long Remaining, double Gap, double Kept, double Deviation)
{
    /// <summary>The number of pooled values up to which each is a step of its own.</summary>
    public const int MaximumSteps = 160;

    /// <summary>How many parts of the expected distance leaps divide it into, when there are more values.</summary>
    private const int Parts = 96;

    private const int ShortLength = 10;

    /// <summary>The variance from which on the law of a leap is about normal.</summary>
    private const double LargeVariance = 12;

    /// <summary>Plans the walk: leaps are as long as their part of the expected distance is small, so that wide gaps, as in the tails, are passed value by value.</summary>
    public static ShuffleStep[] Plan(PooledGrid grid, double n, double m)
    {
        var steps = new List<ShuffleStep>();
        var (ranks, values, total) = (grid.Ranks, grid.Values, n + m);
        var parts = new double[ranks.Length];
        double sum = 0;
        for (var i = 1; i < ranks.Length; i++)
        {
            var u = (ranks[i - 1] + ranks[i]) / (2 * total);
            parts[i] = Math.Sqrt(u * (1 - u)) * (values[i] - values[i - 1]);
            sum += parts[i];
        }

        var limit = ranks.Length <= MaximumSteps ? 0 : sum / Parts;
        long last = 0;
        var (lastValue, gathered) = (values[0], 0.0);
        for (var i = 0; i < ranks.Length; i++)
        {
            gathered += parts[i];
            var isNextWide = i + 1 < ranks.Length && gathered + parts[i + 1] > limit;
            if (i > 0 && i + 1 < ranks.Length && !isNextWide) continue;
            steps.Add(Make(ranks[i] - last, (long)total - ranks[i], values[i] - lastValue, n, total));
            (last, lastValue, gathered) = (ranks[i], values[i], 0);
        }

        return [.. steps];
    }

    private static ShuffleStep Make(long length, long remaining, double gap, double n, double total)
    {
        double before = remaining + length, share = n / total;
        var variance = length * share * (1 - share) * remaining / Math.Max(1, before - 1);
        return length > ShortLength && variance >= LargeVariance
            ? new ShuffleStep(length, remaining, gap, remaining / before, Math.Sqrt(variance))
            : new ShuffleStep(length, remaining, gap, 0, 0);
    }
}
