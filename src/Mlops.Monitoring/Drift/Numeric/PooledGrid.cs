using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>About a thousand values of two sorted samples taken together: every one in the tails, at even ranks between; all of them where there are fewer.</summary>
internal sealed class PooledGrid
{
    private const int MaximumLength = 1200;
    private const int TailValues = 48;

    private PooledGrid(long[] ranks, double[] values, int[] belowX)
    {
        Ranks = ranks;
        Values = values;
        ReferenceCounts = belowX;
    }

    /// <summary>Gets the ranks, from 1.</summary>
    public long[] Ranks { get; }

    /// <summary>Gets the pooled values of these ranks.</summary>
    public double[] Values { get; }

    /// <summary>Gets how many of the values up to each rank are from the reference; among equal ones, those come first.</summary>
    public int[] ReferenceCounts { get; }

    /// <summary>Makes a seed of how the samples lie among each other: with one seed for all samples, chance would err to the same side in all of them.</summary>
    /// <param name="seed">The seed of the test.</param>
    public ulong GetSeed(ulong seed)
    {
        foreach (var count in ReferenceCounts) seed = SplitMix64.Mix(seed ^ (ulong)count) + SplitMix64.Increment;
        return SplitMix64.Mix(seed ^ (ulong)Ranks[^1]);
    }

    /// <summary>Takes the grid.</summary>
    public static PooledGrid Create(double[] x, double[] y)
    {
        var ranks = GetRanks((long)x.Length + y.Length);
        var values = new double[ranks.Length];
        var counts = new int[ranks.Length];
        for (var k = 0; k < ranks.Length; k++)
        {
            var (i, j) = OrderTests.Split(x, y, ranks[k]);
            counts[k] = i;
            values[k] = i == 0 ? y[j - 1] : j == 0 ? x[i - 1] : Math.Max(x[i - 1], y[j - 1]);
        }

        return new PooledGrid(ranks, values, counts);
    }

    private static long[] GetRanks(long total)
    {
        var ranks = new List<long>();
        if (total <= MaximumLength)
        {
            for (var rank = 1L; rank <= total; rank++) ranks.Add(rank);
            return [.. ranks];
        }

        for (var rank = 1L; rank <= TailValues; rank++) ranks.Add(rank);
        const int Middle = MaximumLength - (2 * TailValues);
        for (var i = 1; i < Middle; i++)
        {
            var rank = TailValues + (long)((total - (2.0 * TailValues)) * i / Middle);
            if (rank > ranks[^1]) ranks.Add(rank);
        }

        for (var rank = total - TailValues + 1; rank <= total; rank++)
        {
            if (rank > ranks[^1]) ranks.Add(rank);
        }

        return [.. ranks];
    }
}
