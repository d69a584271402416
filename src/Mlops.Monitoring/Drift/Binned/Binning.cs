using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A rule for the bins of numbers: how many, and where they end.</summary>
/// <remarks>
/// <para>Edges come from the reference alone, so that what comes in cannot move them. With n values, standard deviation s (population), skewness g₁ and interquartile range IQR, the width of a bin is:
/// Sturges range/(log₂ n + 1); Doane range/(1 + log₂ n + log₂(1 + |g₁|/σ)) with σ² = 6(n − 2)/((n + 1)(n + 3)); Freedman–Diaconis 2·IQR·n^(−1/3);
/// Scott (24√π/n)^(1/3)·s; Rice range/(2n^(1/3)); square root range/√n. The number of bins is the range divided by the width, rounded up.</para>
/// <para>Missing values do not count, and infinite ones fall into the outermost bins. At most <see cref="MaximumBinCount"/> bins are made. Immutable; safe for concurrent use.</para>
/// <para>Sources: H. A. Sturges (1926); D. P. Doane (1976); D. Freedman, P. Diaconis (1981); D. W. Scott (1979).</para>
/// </remarks>
/// <example><code>var test = new PopulationStabilityIndex(Binning.EqualWidth(20));</code></example>
public sealed class Binning
{
    /// <summary>The largest number of bins that a rule makes.</summary>
    public const int MaximumBinCount = 1 << 20;

    private readonly Rule _rule;
    private readonly int _binCount;
    private readonly BinEdges? _edges;

    private Binning(Rule rule, int binCount = 0, BinEdges? edges = null) => (_rule, _binCount, _edges) = (rule, binCount, edges);

    private enum Rule
    {
        EqualWidth,
        Quantiles,
        Sturges,
        Doane,
        FreedmanDiaconis,
        Scott,
        Rice,
        SquareRoot,
        Auto,
        Given,
    }

    /// <summary>Gets the rule of H. A. Sturges: few bins, for bell curves.</summary>
    public static Binning Sturges { get; } = new(Rule.Sturges);

    /// <summary>Gets the rule of D. P. Doane: Sturges' with more bins for skewed values.</summary>
    public static Binning Doane { get; } = new(Rule.Doane);

    /// <summary>Gets the rule of D. Freedman and P. Diaconis: by the interquartile range, which outliers do not change.</summary>
    public static Binning FreedmanDiaconis { get; } = new(Rule.FreedmanDiaconis);

    /// <summary>Gets the rule of D. W. Scott: by the standard deviation.</summary>
    public static Binning Scott { get; } = new(Rule.Scott);

    /// <summary>Gets the Rice rule: twice the cube root of the number of values.</summary>
    public static Binning Rice { get; } = new(Rule.Rice);

    /// <summary>Gets the rule of the square root of the number of values.</summary>
    public static Binning SquareRoot { get; } = new(Rule.SquareRoot);

    /// <summary>Gets the finer of <see cref="Sturges"/> and <see cref="FreedmanDiaconis"/>; the former where the interquartile range is 0.</summary>
    public static Binning Auto { get; } = new(Rule.Auto);

    /// <summary>Makes bins of one width between the smallest and the largest finite value.</summary>
    /// <param name="binCount">The number of bins, 2..<see cref="MaximumBinCount"/>.</param>
    /// <returns>The rule.</returns>
    public static Binning EqualWidth(int binCount) => new(Rule.EqualWidth, CheckCount(binCount));

    /// <summary>Makes bins that hold equally many values of the reference; fewer where quantiles coincide.</summary>
    /// <param name="binCount">The number of bins, 2..<see cref="MaximumBinCount"/>.</param>
    /// <returns>The rule.</returns>
    public static Binning Quantiles(int binCount) => new(Rule.Quantiles, CheckCount(binCount));

    /// <summary>Takes known bins.</summary>
    /// <param name="edges">The inner edges, finite and ascending; the outermost bins have no end.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException">An edge is not finite or not above the one before.</exception>
    public static Binning At(params ReadOnlySpan<double> edges) => new(Rule.Given, edges: new BinEdges(edges));

    /// <summary>Gets the number of bins that the rule gives for a sample, before equal edges are left out.</summary>
    /// <param name="values">The values, shape (n); NaN counts as missing.</param>
    /// <returns>The number; 1 where all values are equal or there is none.</returns>
    public int GetBinCount(ReadOnlySpan<double> values) => _rule switch
    {
        Rule.Given => _edges!.BinCount,
        Rule.EqualWidth or Rule.Quantiles => _binCount,
        _ => GetBinCount(BinningSample.From(SortedSample.From(values))),
    };

    /// <summary>Gets the edges for a reference.</summary>
    /// <param name="reference">The values, shape (n), in any order; NaN counts as missing.</param>
    /// <returns>The edges; none where all values are equal or there is none.</returns>
    public BinEdges GetEdges(ReadOnlySpan<double> reference)
    {
        if (_edges is not null) return _edges;
        if (_rule == Rule.EqualWidth) return GetEqualWidth(BinningSample.GetFiniteRange(reference), _binCount);
        var sorted = SortedSample.From(reference);
        if (_rule == Rule.Quantiles) return GetQuantiles(sorted);
        var sample = BinningSample.From(sorted);
        return GetEqualWidth((sample.Minimum, sample.Maximum), GetBinCount(sample));
    }

    /// <summary>Gets the edges for a reference that is known by a sketch.</summary>
    internal BinEdges GetEdges(KllSketch quantiles, MomentsSketch? moments)
    {
        if (_edges is not null) return _edges;
        var items = quantiles.GetSortedItems();
        if (_rule == Rule.Quantiles) return GetQuantiles(items, quantiles.Count, quantiles.Minimum);
        var sample = BinningSample.From(quantiles, items, moments);
        return GetEqualWidth((sample.Minimum, sample.Maximum), _rule == Rule.EqualWidth ? _binCount : GetBinCount(sample));
    }

    private static int CheckCount(int binCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(binCount, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(binCount, MaximumBinCount);
        return binCount;
    }

    private static BinEdges GetEqualWidth((double Minimum, double Maximum) range, int binCount)
    {
        if (!(range.Maximum > range.Minimum) || binCount < 2) return BinEdges.None;
        var width = (range.Maximum - range.Minimum) / binCount;
        // A range beyond the largest double is divided before it is taken.
        if (double.IsInfinity(width)) width = (range.Maximum / binCount) - (range.Minimum / binCount);
        var edges = new List<double>(binCount - 1);
        for (var bin = 1; bin < binCount; bin++) AddEdge(edges, range.Minimum + (bin * width), range.Minimum, range.Maximum);
        return new BinEdges([.. edges]);
    }

    /// <summary>Gets the quantiles by linear interpolation, each once, without the smallest value.</summary>
    private BinEdges GetQuantiles(ReadOnlySpan<double> sorted)
    {
        if (sorted.IsEmpty) return BinEdges.None;
        var edges = new List<double>(_binCount - 1);
        for (var bin = 1; bin < _binCount; bin++)
        {
            var position = (double)bin / _binCount * (sorted.Length - 1);
            var index = (int)position;
            var edge = sorted[index];
            if (index + 1 < sorted.Length && edge != sorted[index + 1])
            {
                var step = sorted[index + 1] - edge;
                var share = position - index;
                edge = double.IsInfinity(step) ? ((1 - share) * edge) + (share * sorted[index + 1]) : edge + (share * step);
            }

            AddEdge(edges, edge, sorted[0], sorted[^1]);
        }

        return new BinEdges([.. edges]);
    }

    private BinEdges GetQuantiles((double Value, long Weight)[] items, long count, double minimum)
    {
        var edges = new List<double>(_binCount - 1);
        long weight = 0;
        var next = 0;
        for (var bin = 1; bin < _binCount; bin++)
        {
            var target = (double)bin / _binCount * count;
            while (next < items.Length - 1 && weight + items[next].Weight < target) weight += items[next++].Weight;
            if (items.Length > 0) AddEdge(edges, items[next].Value, minimum, double.MaxValue);
        }

        return new BinEdges([.. edges]);
    }

    private static void AddEdge(List<double> edges, double edge, double minimum, double maximum)
    {
        // An edge at the smallest value would make a first bin that the reference cannot fill; infinite ones would hide all finite values in one bin.
        if (double.IsFinite(edge) && edge > minimum && edge <= maximum && (edges.Count == 0 || edge > edges[^1])) edges.Add(edge);
    }

    private int GetBinCount(BinningSample sample)
    {
        var range = sample.Range;
        if (!(range > 0) || sample.Count < 1) return 1;
        var width = _rule switch
        {
            Rule.Sturges => GetSturgesWidth(sample, range),
            Rule.Doane => GetDoaneWidth(sample, range),
            Rule.FreedmanDiaconis => GetFreedmanDiaconisWidth(sample),
            Rule.Scott => Math.Cbrt(24 * Math.Sqrt(Math.PI) / sample.Count) * sample.Deviation,
            Rule.Rice => range / (2 * Math.Cbrt(sample.Count)),
            Rule.SquareRoot => range / Math.Sqrt(sample.Count),
            _ => GetFreedmanDiaconisWidth(sample) is > 0 and var width2 ? Math.Min(width2, GetSturgesWidth(sample, range)) : GetSturgesWidth(sample, range),
        };
        return width > 0 ? (int)Math.Clamp(Math.Ceiling(range / width), 1, MaximumBinCount) : 1;
    }

    private static double GetSturgesWidth(BinningSample sample, double range) => range / (Math.Log2(sample.Count) + 1);

    private static double GetFreedmanDiaconisWidth(BinningSample sample) => 2 * sample.InterquartileRange / Math.Cbrt(sample.Count);

    private static double GetDoaneWidth(BinningSample sample, double range)
    {
        double n = sample.Count;
        if (n <= 2 || !(sample.Deviation > 0)) return 0;
        var deviation = Math.Sqrt(6 * (n - 2) / ((n + 1) * (n + 3)));
        return range / (1 + Math.Log2(n) + Math.Log2(1 + (Math.Abs(sample.Skewness) / deviation)));
    }
}
