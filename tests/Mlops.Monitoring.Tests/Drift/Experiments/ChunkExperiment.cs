namespace Mlops.Monitoring.Tests;

/// <summary>Limits from reference chunks, run on chunks of one distribution: how often does the next chunk exceed them?</summary>
internal static class ChunkExperiment
{
    public static readonly int[] ChunkCounts = [5, 10, 20];
    public static readonly string[] Statistics = ["Kolmogorov–Smirnov", "Wasserstein", "PSI", "Jensen–Shannon distance"];

    private static readonly StatisticScale[] s_scales = [StatisticScale.CurveDistance, StatisticScale.CurveDistance, StatisticScale.Divergence, StatisticScale.Distance];

    /// <summary>Runs one repetition.</summary>
    /// <returns>For each number of chunks and each statistic: whether the prediction interval alarmed, and whether mean + 3 deviations did.</returns>
    public static (bool Prediction, bool ThreeDeviations)[,] Run(int seed, int rows)
    {
        var samples = new ExperimentSamples(seed, 0);
        double[][] chunks = [.. Enumerable.Range(0, ChunkCounts.Max() + 1).Select(_ => SortedSample.From(samples.Normals(rows, 0)))];
        var outcome = new (bool, bool)[ChunkCounts.Length, Statistics.Length];
        for (var c = 0; c < ChunkCounts.Length; c++)
        {
            var count = ChunkCounts[c];
            double[] reference = [.. chunks.Take(count).SelectMany(chunk => chunk)];
            RadixSort.Sort(reference);
            double[] edges = [.. Enumerable.Range(1, 9).Select(i => reference[reference.Length * i / 10])];
            var counts = Array.ConvertAll(chunks, chunk => Count(chunk, edges));
            long[] all = [.. Enumerable.Range(0, 10).Select(bin => counts.Take(count).Sum(chunk => chunk[bin]))];
            var statistics = new double[Statistics.Length][];
            for (var s = 0; s < statistics.Length; s++) statistics[s] = new double[count];
            for (var i = 0; i < count; i++)
            {
                var rest = Without(reference, chunks[i]);
                long[] restCounts = [.. all.Zip(counts[i], (whole, part) => whole - part)];
                Fill(statistics, i, rest, chunks[i], restCounts, counts[i]);
            }

            var next = new double[Statistics.Length][];
            for (var s = 0; s < next.Length; s++) next[s] = new double[1];
            Fill(next, 0, reference, chunks[^1], all, counts[^1]);
            for (var s = 0; s < next.Length; s++)
            {
                outcome[c, s] = (next[s][0] > ReferenceChunks.GetUpperLimit(statistics[s], ExperimentRule.Significance, s_scales[s]), next[s][0] > ReferenceChunks.GetThreeDeviationLimit(statistics[s]));
            }
        }

        return outcome;
    }

    private static void Fill(double[][] statistics, int index, double[] reference, double[] chunk, long[] referenceCounts, long[] counts)
    {
        double n = reference.Length, m = chunk.Length;
        statistics[0][index] = KolmogorovDistance.GetNumeratorOfSorted(reference, chunk, Alternative.TwoSided) / (n * m);
        statistics[1][index] = TransportCost.Get(reference, chunk);
        double psi = 0, divergence = 0;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            double p = Math.Max(0.5, referenceCounts[bin]) / n, q = Math.Max(0.5, counts[bin]) / m;
            psi += (q - p) * Math.Log(q / p);
            divergence += JensenShannon.GetTerm(referenceCounts[bin] / n, counts[bin] / m);
        }

        statistics[2][index] = psi;
        statistics[3][index] = Math.Sqrt(divergence / Math.Log(2));
    }

    private static long[] Count(double[] sorted, double[] edges)
    {
        var counts = new long[edges.Length + 1];
        var first = 0;
        for (var bin = 0; bin < edges.Length; bin++)
        {
            var end = Array.BinarySearch(sorted, edges[bin]);
            if (end < 0) end = ~end;
            counts[bin] = end - first;
            first = end;
        }

        counts[^1] = sorted.Length - first;
        return counts;
    }

    /// <summary>Takes the values of a chunk out of the sorted reference.</summary>
    private static double[] Without(double[] reference, double[] chunk)
    {
        var rest = new double[reference.Length - chunk.Length];
        int next = 0, taken = 0;
        foreach (var value in reference)
        {
            if (taken < chunk.Length && value == chunk[taken]) taken++;
            else rest[next++] = value;
        }

        return rest;
    }
}
