using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Population stability index over quantile bins of the reference.</summary>
/// <remarks>
/// <para>Statistic PSI = Σ (q − p) ln(q/p) over the bins, ≥ 0, in nats; the effect is the PSI. Bins are [lower, upper), the outermost unbounded. Thread-safe: stateless.</para>
/// <para>Without drift, PSI·nm/(n+m) follows roughly a chi-squared law with one degree of freedom less than there are bins, so a fixed limit would mean
/// something else for every number of values: the threshold is the larger of that law's quantile times (1/n + 1/m) and the minimum effect.
/// On profiles whose sketches no longer keep every value, the sketches' own error is added to 1/n + 1/m.</para>
/// <para>A bin that is empty on one side counts as half a value there, unless a fixed ratio is given. A reference with one value has no bins: not computable.</para>
/// <para>Source: S. Kullback (1959) for the divergence; B. Yurdakul, "Statistical properties of population stability index" (2018) for the law.</para>
/// </remarks>
public sealed class PopulationStabilityIndex : IProfileDriftTest, ISampleDriftTest
{
    private const string Symbol = "PSI";
    private readonly int _binCount;
    private readonly double? _emptyBinRatio;

    /// <summary>Creates the test.</summary>
    /// <param name="binCount">The number of bins, ≥ 2; fewer are used where quantiles of the reference coincide.</param>
    /// <param name="emptyBinRatio">The share, 0..1, that an empty bin counts as; <see langword="null"/> for half a value.</param>
    public PopulationStabilityIndex(int binCount = 10, double? emptyBinRatio = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 2);
        if (emptyBinRatio is not null and not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(emptyBinRatio), emptyBinRatio, "The share of an empty bin lies between 0 and 1.");
        _binCount = binCount;
        _emptyBinRatio = emptyBinRatio;
    }

    /// <inheritdoc/>
    public string Name => "population-stability-index";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.04;

    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
        => TestSorted(SortedSample.From(reference), SortedSample.From(current), (options ?? DriftTestOptions.Default).Validate());

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options = (options ?? DriftTestOptions.Default).Validate();
        if (reference.Quantiles is not { } expected || current.Quantiles is not { } actual)
            return DriftDecision.NotComputable(this, reference.RowCount - reference.MissingCount, current.RowCount - current.MissingCount, $"'{reference.Name}' has no quantiles on both sides.");
        if (expected.IsExact && actual.IsExact) return TestSorted(SortedSample.From(expected), SortedSample.From(actual), options);
        if (DriftDecision.FindShortage(this, expected.Count, actual.Count, options) is { } shortage) return shortage;
        var items = expected.GetSortedItems();
        var edges = GetEdges(items, expected.Count, expected.Minimum, _binCount);
        return Compare(Count(items, edges), Count(actual.GetSortedItems(), edges), GetSketchVariance(expected) + GetSketchVariance(actual), options);
    }

    /// <summary>Gets the inner bin edges: the quantiles of the reference by linear interpolation, each once, without the extremes.</summary>
    internal static double[] GetEdges(ReadOnlySpan<double> sorted, int binCount)
    {
        var edges = new List<double>(binCount - 1);
        for (var bin = 1; bin < binCount; bin++)
        {
            var position = (double)bin / binCount * (sorted.Length - 1);
            var index = (int)position;
            var edge = index + 1 < sorted.Length && sorted[index] != sorted[index + 1]
                ? sorted[index] + ((position - index) * (sorted[index + 1] - sorted[index]))
                : sorted[index];
            AddEdge(edges, edge, sorted[0], sorted[^1]);
        }

        return [.. edges];
    }

    internal static double GetIndex(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double? emptyBinRatio)
    {
        long n = 0, m = 0;
        foreach (var count in reference) n += count;
        foreach (var count in current) m += count;
        double index = 0;
        for (var bin = 0; bin < reference.Length; bin++)
        {
            if (reference[bin] == 0 && current[bin] == 0) continue;
            var p = reference[bin] > 0 ? (double)reference[bin] / n : emptyBinRatio ?? (0.5 / n);
            var q = current[bin] > 0 ? (double)current[bin] / m : emptyBinRatio ?? (0.5 / m);
            index += (q - p) * Math.Log(q / p);
        }

        return index;
    }

    private DriftResult TestSorted(double[] reference, double[] current, DriftTestOptions options)
    {
        if (DriftDecision.FindShortage(this, reference.Length, current.Length, options) is { } shortage) return shortage;
        var edges = GetEdges(reference, _binCount);
        return Compare(Count(reference, edges), Count(current, edges), 0, options);
    }

    private DriftResult Compare(long[] reference, long[] current, double sketchVariance, DriftTestOptions options)
    {
        long n = reference.Sum(), m = current.Sum();
        if (reference.Length < 2)
            return DriftDecision.NotComputable(this, n, m, "The reference has too few different values for bins; the Kolmogorov–Smirnov test needs none.");
        var degreesOfFreedom = reference.Length - 1;
        var index = GetIndex(reference, current, _emptyBinRatio);
        var perValue = (1.0 / n) + (1.0 / m) + sketchVariance;
        return DriftDecision.Decide(
            this,
            new DriftMeasurement(
                Symbol, index, ChiSquaredDistribution.UpperTail(index / perValue, degreesOfFreedom), index, ChiSquaredDistribution.UpperQuantile(options.Significance, degreesOfFreedom) * perValue, null),
            n, m, options);
    }

    /// <summary>Gets what a sketch's error adds to 1/n: the variance that it gives the share of a bin, in multiples of the variance of one value.</summary>
    private double GetSketchVariance(KllSketch sketch)
    {
        if (sketch.IsExact) return 0;
        // 99 % of a normal law lies within 2.576 deviations.
        var deviation = sketch.NormalizedIntervalError / 2.576;
        var ratio = 1.0 / _binCount;
        return deviation * deviation / (ratio * (1 - ratio));
    }

    private static double[] GetEdges((double Value, long Weight)[] items, long count, double minimum, int binCount)
    {
        var edges = new List<double>(binCount - 1);
        long weight = 0;
        var next = 0;
        for (var bin = 1; bin < binCount; bin++)
        {
            var target = (double)bin / binCount * count;
            while (next < items.Length - 1 && weight + items[next].Weight < target) weight += items[next++].Weight;
            AddEdge(edges, items[next].Value, minimum, double.PositiveInfinity);
        }

        return [.. edges];
    }

    private static void AddEdge(List<double> edges, double edge, double minimum, double maximum)
    {
        // An edge at the smallest value would make a first bin that the reference cannot fill.
        if (edge > minimum && edge <= maximum && (edges.Count == 0 || edge > edges[^1])) edges.Add(edge);
    }

    private static long[] Count(double[] sorted, double[] edges)
    {
        var counts = new long[edges.Length + 1];
        var bin = 0;
        foreach (var value in sorted)
        {
            while (bin < edges.Length && value >= edges[bin]) bin++;
            counts[bin]++;
        }

        return counts;
    }

    private static long[] Count((double Value, long Weight)[] items, double[] edges)
    {
        var counts = new long[edges.Length + 1];
        var bin = 0;
        foreach (var (value, weight) in items)
        {
            while (bin < edges.Length && value >= edges[bin]) bin++;
            counts[bin] += weight;
        }

        return counts;
    }
}
