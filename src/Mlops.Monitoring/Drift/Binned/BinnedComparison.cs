using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What the tests on binned shares have in common: bins from the reference, counts, the law without drift, and the interval of the effect.</summary>
/// <param name="test">The test.</param>
/// <param name="symbol">The symbol of its statistic.</param>
/// <param name="divergence">What it measures, in nats.</param>
/// <param name="unit">What a nat is in the unit of the test.</param>
/// <param name="isRoot">Whether the test takes the square root.</param>
/// <param name="binning">The rule for the bins of numbers.</param>
internal sealed class BinnedComparison(IDriftTest test, string symbol, BinnedDivergence divergence, double unit, bool isRoot, Binning binning)
{
    /// <summary>The expected count from which on the chi-squared law holds well enough for logarithms of shares.</summary>
    /// <remarks>Their mean exceeds that of the law by half of its inverse, which in the tail are some times as many more alarms: with ten bins 3 % more of them at 200, but a third at 12.</remarks>
    private const double MinimumExpected = 200;

    private static readonly TableTestMethod s_permutations = new(PValueMethod.Exact, TableTestMethod.DefaultPermutations, 0);

    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options)
    {
        options = (options ?? DriftTestOptions.Default).Validate();
        var edges = binning.GetEdges(reference);
        long[] expected = edges.Count(reference), actual = edges.Count(current);
        return DriftDecision.FindShortage(test, expected.Sum(), actual.Sum(), options) ?? CompareBins(edges.BinCount, expected, actual, 0, options);
    }

    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options)
        => TestCategories(CategoryTable.From(reference, current), (options ?? DriftTestOptions.Default).Validate());

    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options)
        => reference?.Values is not null && current?.Values is not null
            ? ProfileComparison.Test(test, reference, current, options, static profile => profile.Values, "no value counts", (expected, actual, options) => Compare(reference.Name, expected, actual, options))
            : ProfileComparison.Test(test, reference!, current!, options, static profile => profile.Quantiles, "neither value counts nor quantiles", (expected, actual, options) => Compare(expected, actual, reference!.Moments, options));

    private DriftResult Compare(string column, ValueCounts reference, ValueCounts current, DriftTestOptions options)
        => CategoryComparison.FindUncounted(test, column, reference, current, options, out var table) ?? TestCategories(table, options);

    private DriftResult Compare(KllSketch reference, KllSketch current, MomentsSketch? moments, DriftTestOptions options)
    {
        if (reference.IsExact && current.IsExact) return Test(SortedSample.From(reference), SortedSample.From(current), options);
        if (DriftDecision.FindShortage(test, reference.Count, current.Count, options) is { } shortage) return shortage;
        var edges = binning.GetEdges(reference, moments);
        var (first, second) = Join(edges.CountItems(reference.GetSortedItems()), edges.CountItems(current.GetSortedItems()), Math.Max(reference.NormalizedIntervalError, current.NormalizedIntervalError));
        return CompareBins(first.Length, first, second, GetSketchVariance(reference) + GetSketchVariance(current), options);
    }

    private DriftResult TestCategories(CategoryTable table, DriftTestOptions options)
        => DriftDecision.FindShortage(test, table.ReferenceCount, table.CurrentCount, options) ?? Compare(table, 0, options);

    private DriftResult CompareBins(int binCount, long[] reference, long[] current, double shareVariance, DriftTestOptions options)
        => binCount < 2
            ? DriftDecision.NotComputable(test, reference.Sum(), current.Sum(), "The reference has too few different values for bins; the Kolmogorov–Smirnov test needs none.")
            : Compare(CategoryTable.From(reference, current), shareVariance, options);

    /// <summary>Compares shares, to which sketches have added errors of the given variance.</summary>
    private DriftResult Compare(CategoryTable table, double shareVariance, DriftTestOptions options)
    {
        var (n, m, level) = (table.ReferenceCount, table.CurrentCount, options.ConfidenceLevel);
        if (table.CategoryCount == 1)
        {
            // What differs in less than a share of 1 − (1 − level)^(1/n) of the rows would not show.
            var unseen = 1 - Math.Pow(1 - level, 1.0 / Math.Min(n, m));
            var most = divergence.Factor * unseen;
            return DriftDecision.Decide(test, new DriftMeasurement(symbol, 0, 1, 0, null, new ConfidenceInterval(0, ToEffect(most), level)), n, m, options)
                with { Reason = "All values of both samples are in one and the same bin." };
        }

        var degreesOfFreedom = table.CategoryCount - 1;
        var value = Math.Max(0, divergence.Get(table.Reference, table.Current, n, m));
        var sketchTerm = shareVariance == 0 ? 0 : shareVariance * GetInverseShares(table) / degreesOfFreedom;
        var scale = divergence.Factor * (table.PerRow + sketchTerm);
        double pValue, critical;
        if (sketchTerm > 0 || table.GetSmallestExpected() >= Math.Max(MinimumExpected, CategoryTable.GetMinimumExpected(options.Significance)))
        {
            pValue = ChiSquaredDistribution.UpperTail(value / scale, degreesOfFreedom);
            critical = scale * ChiSquaredDistribution.UpperQuantile(options.Significance, degreesOfFreedom);
        }
        else
        {
            (pValue, critical) = s_permutations.Permute(table, (reference, current) => divergence.Get(reference, current, n, m), options);
        }

        // What the sketches' error adds on average is not drift.
        var effect = Math.Max(0, value - (divergence.Factor * degreesOfFreedom * sketchTerm));
        return DriftDecision.Decide(test, new DriftMeasurement(symbol, ToEffect(value), pValue, ToEffect(effect), ToEffect(critical), GetInterval(table, value, scale, level)), n, m, options);
    }

    /// <summary>Gets the interval of the effect: what the noncentral chi-squared law and the derivatives allow, the wider at each end.</summary>
    /// <remarks>Close to no drift only the former holds, far from it only the latter.</remarks>
    private ConfidenceInterval GetInterval(CategoryTable table, double value, double scale, double level)
    {
        var degreesOfFreedom = table.CategoryCount - 1;
        var reach = EffectIntervals.GetQuantile(level) * Math.Sqrt(divergence.GetVariance(table) * scale / (divergence.Factor * table.PerRow));
        var (least, most) = NoncentralChiSquaredDistribution.GetInterval(value / scale, degreesOfFreedom, level);
        var (lower, upper) = (Math.Min(scale * least, value - reach), Math.Max(scale * most, value + reach));
        return new ConfidenceInterval(ToEffect(Math.Max(0, lower)), ToEffect(Math.Min(divergence.Maximum, upper)), level);
    }

    private double ToEffect(double nats) => isRoot ? Math.Sqrt(nats * unit) : nats * unit;

    /// <summary>Gets what the error of a sketch is for the share of a bin: 99 % of a normal law lie within 2.576 deviations.</summary>
    private static double GetSketchVariance(KllSketch sketch) => sketch.IsExact ? 0 : Math.Pow(sketch.NormalizedIntervalError / 2.576, 2);

    private static double GetInverseShares(CategoryTable table)
    {
        double sum = 0;
        for (var i = 0; i < table.CategoryCount; i++) sum += 2 / (((double)table.Reference[i] / table.ReferenceCount) + ((double)table.Current[i] / table.CurrentCount));
        return sum;
    }

    /// <summary>Joins neighbouring bins that hold less than a sketch can tell.</summary>
    private static (long[] Reference, long[] Current) Join(long[] reference, long[] current, double smallestShare)
    {
        double n = reference.Sum(), m = current.Sum();
        List<long> first = [], second = [];
        long firstSum = 0, secondSum = 0;
        for (var bin = 0; bin < reference.Length; bin++)
        {
            firstSum += reference[bin];
            secondSum += current[bin];
            if (((firstSum / n) + (secondSum / m)) / 2 < smallestShare) continue;
            first.Add(firstSum);
            second.Add(secondSum);
            (firstSum, secondSum) = (0, 0);
        }

        if (first.Count > 0)
        {
            first[^1] += firstSum;
            second[^1] += secondSum;
        }

        return ([.. first], [.. second]);
    }
}
