using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>What the tests of rows have in common: rows that are present, in an order of their own, of which a sample is drawn where they are too many.</summary>
/// <param name="Test">The test.</param>
/// <param name="Reference">The rows to compare with.</param>
/// <param name="Current">The rows that came in.</param>
/// <param name="Seed">A seed made of the rows and of that of the test.</param>
/// <param name="Options">What to call drift.</param>
internal sealed record RowComparison(IDriftTest Test, PresentRows Reference, PresentRows Current, ulong Seed, DriftTestOptions Options)
{
    /// <summary>Gets the smaller number of rows of the two samples.</summary>
    public int LeastCount => Math.Min(Reference.Count, Current.Count);

    /// <summary>Tests two samples of rows.</summary>
    /// <param name="test">The test.</param>
    /// <param name="reference">The rows to compare with.</param>
    /// <param name="current">The rows that came in.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <param name="maximumRows">The largest number of rows of each sample; of more, so many are drawn.</param>
    /// <param name="seed">The seed of the test.</param>
    /// <param name="compare">Compares samples that have enough rows.</param>
    public static DriftResult Compare(IDriftTest test, RowSet reference, RowSet current, DriftTestOptions? options, int maximumRows, ulong seed, Func<RowComparison, DriftResult> compare)
    {
        options = (options ?? DriftTestOptions.Default).Validate();
        var (x, y) = PresentRows.Take(reference, current, maximumRows, seed);
        return DriftDecision.FindShortage(test, x.Total, y.Total, options) ?? compare(new RowComparison(test, x, y, PresentRows.GetSeed(seed, x, y), options));
    }

    /// <summary>Puts the rows of both samples together.</summary>
    public PooledRows Pool(RowScaling scaling) => PooledRows.Create(Reference, Current, scaling);

    /// <summary>Makes a seed of its own for each use.</summary>
    public ulong GetSeed(ulong use) => SplitMix64.At(Seed, use);

    /// <summary>Gets what shuffles the places of rows.</summary>
    public Action<int[]> Shuffle() => LabelBlocks.Shuffle(GetSeed(2));

    /// <summary>Decides from what the test measured, and tells from how many rows the figures come, where not from all.</summary>
    /// <param name="measurement">What the test measured.</param>
    /// <param name="explain">What is said of drift in addition, after the reason.</param>
    public DriftResult Decide(DriftMeasurement measurement, Func<string>? explain = null)
    {
        var result = DriftDecision.Decide(Test, measurement, Reference.Count, Current.Count, Options);
        if (explain is not null && result.Verdict == DriftVerdict.Drift) result = result with { Reason = result.Reason + explain() };
        var isSampled = Reference.Count < Reference.Total || Current.Count < Current.Total;
        return result with
        {
            ReferenceCount = Reference.Total,
            CurrentCount = Current.Total,
            Reason = isSampled ? $"{result.Reason} From {Reference.Count} and {Current.Count} rows drawn at random." : result.Reason,
        };
    }

    public DriftResult NotComputable(string reason) => DriftDecision.NotComputable(Test, Reference.Total, Current.Total, reason);

    /// <summary>Tells that there are too few rows.</summary>
    /// <param name="needs">What is needed: <c>4 of each are needed</c>.</param>
    public DriftResult NotEnough(string needs)
        => new(Test.Name, DriftVerdict.NotEnoughData, $"{Reference.Count} reference and {Current.Count} current rows; {needs}.", Reference.Total, Current.Total);
}
