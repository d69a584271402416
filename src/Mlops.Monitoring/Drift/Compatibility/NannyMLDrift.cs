using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>Decides as NannyML's univariate drift calculator does, for moving from it: its statistics, its bins, its limits from chunks of the reference, and its mistakes.</summary>
/// <remarks>
/// <para>For new monitoring take the tests of this package themselves: limits from ten chunks alarm about ten times as often as three standard deviations suggest (docs/drift-differences.md).
/// The reference rows, in their order, are cut into chunks; the statistic of each chunk against the whole reference is taken; drift is a statistic of the current rows
/// above the mean plus three population standard deviations of these. Chi-squared ignores limits: drift is p &lt; 0.05. Thread-safe: stateless.</para>
/// <para>Numbers are binned by Doane's rule over the reference; values outside its range are in one more bin, which the reference leaves empty. Kolmogorov–Smirnov and Wasserstein are exact below 10,000
/// reference values and from there on estimated with 10,000 bins of one width. Missing and infinite values are dropped. Of the options only the minimum count is heeded, which is 1 unless options are given.</para>
/// <para>Source: the univariate methods of NannyML as of July 2025.</para>
/// </remarks>
public sealed class NannyMLDrift : IOrderedDriftTest, ICategoryDriftTest
{
    /// <summary>The number of chunks that NannyML makes of the reference.</summary>
    public const int DefaultChunkCount = 10;

    private const double Significance = 0.05;

    private static readonly DriftTestOptions s_anyCount = new() { MinimumCount = 1 };
    private readonly NannyMLMethod _method;
    private readonly int _chunkCount;
    private readonly double? _threshold;
    private readonly bool? _isEstimated;

    /// <summary>Creates the test.</summary>
    /// <param name="method">NannyML's method.</param>
    /// <param name="chunkCount">The number of chunks of the reference, ≥ 1; what is left over makes a short one more.</param>
    /// <param name="threshold">The limit of the statistic; from chunks of the reference when <see langword="null"/>.</param>
    /// <param name="isEstimated">Whether Kolmogorov–Smirnov and Wasserstein are estimated with 10,000 bins; from 10,000 reference values on when <see langword="null"/>.</param>
    public NannyMLDrift(NannyMLMethod method, int chunkCount = DefaultChunkCount, double? threshold = null, bool? isEstimated = null)
    {
        if (!Enum.IsDefined(method)) throw new ArgumentOutOfRangeException(nameof(method), method, "The method is unknown.");
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkCount, 1);
        if (threshold is { } limit && !double.IsFinite(limit)) throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The limit is a finite number.");
        (_method, _chunkCount, _threshold, _isEstimated) = (method, chunkCount, threshold, isEstimated);
    }

    /// <inheritdoc/>
    public string Name => $"nannyml-{NannyMLScores.GetName(_method)}";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0;

    /// <inheritdoc/>
    /// <value>Whether the limit comes from chunks of the reference.</value>
    public bool NeedsOrder => _threshold is null && _method != NannyMLMethod.ChiSquared;

    /// <summary>Gets the upper limit that statistics of reference chunks give: their mean plus three population standard deviations.</summary>
    /// <param name="chunkStatistics">The statistics, shape (chunks); NaN is left out.</param>
    /// <returns>The limit; NaN without any statistic.</returns>
    public static double GetThreshold(ReadOnlySpan<double> chunkStatistics)
    {
        double sum = 0, squares = 0;
        var count = 0;
        foreach (var statistic in chunkStatistics)
        {
            if (double.IsNaN(statistic)) continue;
            sum += statistic;
            count++;
        }

        if (count == 0) return double.NaN;
        foreach (var statistic in chunkStatistics)
        {
            if (!double.IsNaN(statistic)) squares += (statistic - (sum / count)) * (statistic - (sum / count));
        }

        return (sum / count) + (3 * Math.Sqrt(squares / count));
    }

    /// <summary>Compares two samples of numbers.</summary>
    /// <param name="reference">The values to compare with, shape (n), in the order of time, because they are cut into chunks; NaN counts as missing.</param>
    /// <param name="current">The values that came in, shape (m), in any order; NaN counts as missing.</param>
    /// <param name="options">The least number of values; 1 when <see langword="null"/>.</param>
    /// <returns>The outcome.</returns>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
    {
        options = (options ?? s_anyCount).Validate();
        double[] x = CompatibleSample.From(reference), y = CompatibleSample.From(current);
        if (DriftDecision.FindShortage(this, x.Length, y.Length, options) is { } shortage) return shortage;
        if (_method is NannyMLMethod.ChiSquared or NannyMLMethod.LInfinity)
            return DriftDecision.NotComputable(this, x.Length, y.Length, "NannyML has this method for categories only.");
        var scores = new NannyMLScores(_method, x, _isEstimated ?? x.Length >= NannyMLScores.EstimatedFrom);
        var statistic = scores.Get(y);
        if (_threshold is { } given) return Decide(statistic, null, given, "given", x.Length, y.Length);
        var chunks = new List<double>();
        var size = Math.Max(1, reference.Length / _chunkCount);
        for (var start = 0; start < reference.Length; start += size)
        {
            var chunk = CompatibleSample.From(reference[start..Math.Min(reference.Length, start + size)]);
            chunks.Add(chunk.Length == 0 ? double.NaN : scores.Get(chunk));
        }

        return Decide(statistic, null, Limit(GetThreshold([.. chunks])), Describe(chunks.Count), x.Length, y.Length);
    }

    /// <summary>Compares two samples of categories, given by codes.</summary>
    /// <param name="reference">The category of each reference row, in the order of time; a negative one is missing.</param>
    /// <param name="current">The category of each current row, in any order; a negative one is missing.</param>
    /// <param name="categoryCount">The number of categories, ≥ 0.</param>
    /// <param name="options">The least number of values; 1 when <see langword="null"/>.</param>
    /// <returns>The outcome.</returns>
    public DriftResult Test(ReadOnlySpan<int> reference, ReadOnlySpan<int> current, int categoryCount, DriftTestOptions? options = null)
    {
        options = (options ?? s_anyCount).Validate();
        var expected = CodeCounter.Count(reference, categoryCount);
        var actual = CodeCounter.Count(current, categoryCount);
        if (_threshold is not null || _method == NannyMLMethod.ChiSquared) return Test(expected, actual, options);
        if (DriftDecision.FindShortage(this, expected.Sum(), actual.Sum(), options) is { } shortage) return shortage;
        if (RefuseCategories(expected.Sum(), actual.Sum()) is { } refusal) return refusal;
        var chunks = new List<double>();
        var size = Math.Max(1, reference.Length / _chunkCount);
        for (var start = 0; start < reference.Length; start += size)
        {
            var chunk = CodeCounter.Count(reference[start..Math.Min(reference.Length, start + size)], categoryCount);
            chunks.Add(chunk.Sum() == 0 ? double.NaN : NannyMLScores.GetOfCategories(_method, CategoryTable.From(expected, chunk)));
        }

        return Decide(NannyMLScores.GetOfCategories(_method, CategoryTable.From(expected, actual)), null, Limit(GetThreshold([.. chunks])), Describe(chunks.Count), expected.Sum(), actual.Sum());
    }

    /// <summary>Compares two rows of counts. Without a given limit only chi-squared has a verdict, because the chunks of the reference are not known; the statistic is there anyway.</summary>
    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null)
    {
        var table = CategoryTable.From(reference, current);
        if (DriftDecision.FindShortage(this, table.ReferenceCount, table.CurrentCount, (options ?? s_anyCount).Validate()) is { } shortage) return shortage;
        if (RefuseCategories(table.ReferenceCount, table.CurrentCount) is { } refusal) return refusal;
        if (_method == NannyMLMethod.ChiSquared)
        {
            // With more than two categories, SciPy corrects nothing.
            var result = new ChiSquared(isYatesCorrected: true, PValueMethod.Asymptotic).Test(table.Reference, table.Current, new DriftTestOptions { MinimumCount = 1, MinimumEffect = 0 });
            return Decide(result.Statistic!.Value, result.PValue, null, "p < 0.05", table.ReferenceCount, table.CurrentCount);
        }

        var statistic = NannyMLScores.GetOfCategories(_method, table);
        return _threshold is { } given
            ? Decide(statistic, null, given, "given", table.ReferenceCount, table.CurrentCount)
            : DriftDecision.NotComputable(this, table.ReferenceCount, table.CurrentCount, "The limit comes from chunks of the reference: give its rows in their order, or a limit.") with { Statistic = statistic, Effect = statistic };
    }

    private DriftResult? RefuseCategories(long n, long m) => _method is NannyMLMethod.KolmogorovSmirnov or NannyMLMethod.Wasserstein
        ? DriftDecision.NotComputable(this, n, m, "NannyML has this method for numbers only.")
        : null;

    private double Limit(double threshold) => _method == NannyMLMethod.KolmogorovSmirnov ? Math.Min(1, threshold) : threshold;

    private static string Describe(int chunks) => string.Create(CultureInfo.InvariantCulture, $"mean + 3 standard deviations of {chunks} chunks of the reference");

    private DriftResult Decide(double statistic, double? pValue, double? threshold, string source, long n, long m)
    {
        if (!double.IsFinite(statistic) || (threshold is { } limit && !double.IsFinite(limit))) return DriftDecision.NotComputable(this, n, m, "The statistic or its limit is not a finite number for these values.");
        var isDrift = pValue is { } p ? p < Significance : statistic > threshold;
        var figures = string.Create(CultureInfo.InvariantCulture, $"statistic = {DriftFigures.Format(statistic)}, {(pValue is { } shown ? $"p {DriftFigures.FormatPValue(shown)}" : $"limit {DriftFigures.Format(threshold ?? 0)}")}");
        return new DriftResult(Name, isDrift ? DriftVerdict.Drift : DriftVerdict.NoDrift, $"{figures}: {(isDrift ? "drift" : "no drift")} as NannyML counts.", n, m)
        {
            Statistic = statistic,
            PValue = pValue,
            Effect = pValue is null ? statistic : null,
            Threshold = threshold,
            ThresholdSource = source,
        };
    }
}
