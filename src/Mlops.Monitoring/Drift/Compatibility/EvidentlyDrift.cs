using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>Decides as Evidently does, for moving from it: its choice of the test, its binning and replacement of zeros, its limits, and its mistakes.</summary>
/// <remarks>
/// <para>For new monitoring take the tests of this package themselves: this one alarms when nothing has changed (docs/drift-differences.md says how often). The statistic is Evidently's drift score: a p-value or a
/// distance, whichever the method has. The verdict is its verdict; where it raises an exception or has no number, <see cref="DriftVerdict.NotComputable"/>.
/// Of the options only the minimum count is heeded, which is 1 unless options are given. Thread-safe: stateless.</para>
/// <para>Automatic choice, by the number of reference rows and of different values in both samples together: up to 1,000 rows <c>z</c> for at most 2 values, <c>chisquare</c> for categories and for numbers of at
/// most 5 values, <c>ks</c> for other numbers; beyond 1,000 rows <c>jensenshannon</c> instead of the first two, and <c>wasserstein</c> for other numbers.
/// A dataset has drifted when at least half of its columns have.</para>
/// <para>Numbers with more than 20 different reference values are binned by Sturges' rule over both samples together, others by value. Missing and infinite values are dropped.</para>
/// <para>Source: the tests of Evidently as of May 2026.</para>
/// </remarks>
public sealed class EvidentlyDrift : ISampleDriftTest, ICategoryDriftTest
{
    /// <summary>The share of drifted columns from which on Evidently calls a dataset drifted.</summary>
    public const double DatasetDriftShare = 0.5;

    /// <summary>The number of reference rows up to which Evidently chooses tests with p-values.</summary>
    public const int MaximumSmallReferenceRows = 1000;

    private static readonly DriftTestOptions s_anyCount = new() { MinimumCount = 1 };
    private readonly EvidentlyMethod _method;
    private readonly double? _threshold;

    /// <summary>Creates the test.</summary>
    /// <param name="method">Evidently's test.</param>
    /// <param name="threshold">The limit of the score; Evidently's when <see langword="null"/>.</param>
    public EvidentlyDrift(EvidentlyMethod method = EvidentlyMethod.Automatic, double? threshold = null)
    {
        if (!Enum.IsDefined(method)) throw new ArgumentOutOfRangeException(nameof(method), method, "The method is unknown.");
        if (threshold is { } limit && !double.IsFinite(limit)) throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The limit is a finite number.");
        (_method, _threshold) = (method, threshold);
    }

    /// <inheritdoc/>
    public string Name => "evidently";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0;

    /// <summary>Chooses the test of a column.</summary>
    /// <param name="isNumeric">Whether the column holds numbers.</param>
    /// <param name="distinctCount">The number of different values in the reference and the current data together.</param>
    /// <param name="referenceRows">The number of reference rows.</param>
    /// <returns>The test.</returns>
    public static EvidentlyMethod Choose(bool isNumeric, int distinctCount, long referenceRows)
    {
        var isSmall = referenceRows <= MaximumSmallReferenceRows;
        if (isNumeric && distinctCount > 5) return isSmall ? EvidentlyMethod.KolmogorovSmirnov : EvidentlyMethod.Wasserstein;
        if (!isSmall) return EvidentlyMethod.JensenShannon;
        return distinctCount <= 2 ? EvidentlyMethod.TwoProportions : EvidentlyMethod.ChiSquare;
    }

    /// <summary>Gets the limit that a test has in Evidently.</summary>
    /// <param name="method">The test, not <see cref="EvidentlyMethod.Automatic"/>.</param>
    /// <returns>The limit of its score.</returns>
    public static double GetThreshold(EvidentlyMethod method) => method switch
    {
        EvidentlyMethod.Automatic => throw new ArgumentOutOfRangeException(nameof(method), "The limit depends on the test that is chosen."),
        EvidentlyMethod.KolmogorovSmirnov or EvidentlyMethod.ChiSquare or EvidentlyMethod.TwoProportions or EvidentlyMethod.StudentT or EvidentlyMethod.MannWhitney or EvidentlyMethod.EppsSingleton => 0.05,
        _ => 0.1,
    };

    /// <summary>Tells whether a dataset has drifted, by the verdicts on its columns.</summary>
    /// <param name="columns">The result of every column; one that could not be computed has not drifted.</param>
    /// <param name="driftShare">The share of drifted columns from which on the dataset has drifted.</param>
    /// <returns>Whether it has; <see langword="false"/> without columns.</returns>
    public static bool HasDatasetDrift(IReadOnlyCollection<DriftResult> columns, double driftShare = DatasetDriftShare)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return columns.Count > 0 && (double)columns.Count(column => column.Verdict == DriftVerdict.Drift) / columns.Count >= driftShare;
    }

    /// <summary>Compares two samples of numbers.</summary>
    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
    {
        options = (options ?? s_anyCount).Validate();
        double[] x = CompatibleSample.From(reference), y = CompatibleSample.From(current);
        if (DriftDecision.FindShortage(this, x.Length, y.Length, options) is { } shortage) return shortage;
        var values = CompatibleSample.CountValues(x, y);
        var method = _method == EvidentlyMethod.Automatic ? Choose(true, values.Reference.Length, x.Length) : _method;
        return method switch
        {
            EvidentlyMethod.ChiSquare or EvidentlyMethod.GTest or EvidentlyMethod.FisherExact or EvidentlyMethod.TwoProportions
                => Decide(method, EvidentlyScores.GetOfCategories(method, values.Reference, values.Current), x.Length, y.Length),
            EvidentlyMethod.PopulationStabilityIndex or EvidentlyMethod.KullbackLeibler or EvidentlyMethod.JensenShannon
                => Decide(method, EvidentlyScores.GetOfBins(method, x, y, values), x.Length, y.Length),
            EvidentlyMethod.Hellinger => Decide(method, EvidentlyScores.GetHellinger(x, y), x.Length, y.Length),
            _ => Decide(method, EvidentlyScores.GetOfNumbers(method, x, y), x.Length, y.Length),
        };
    }

    /// <summary>Compares two rows of counts; the categories in the order of their names, which decides what <c>z</c> compares.</summary>
    /// <inheritdoc/>
    public DriftResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options = null)
    {
        var table = CategoryTable.From(reference, current);
        if (DriftDecision.FindShortage(this, table.ReferenceCount, table.CurrentCount, (options ?? s_anyCount).Validate()) is { } shortage) return shortage;
        var method = _method == EvidentlyMethod.Automatic ? Choose(false, table.CategoryCount, table.ReferenceCount) : _method;
        return Decide(method, EvidentlyScores.GetOfCategories(method, table.Reference, table.Current), table.ReferenceCount, table.CurrentCount);
    }

    private DriftResult Decide(EvidentlyMethod method, (double? Score, string Reason) outcome, long n, long m)
    {
        var name = EvidentlyScores.GetName(method);
        if (outcome.Score is not { } score || !double.IsFinite(score))
            return DriftDecision.NotComputable(this, n, m, outcome.Reason) with { Test = $"{Name}-{name}" };
        var threshold = _threshold ?? GetThreshold(method);
        var isPValue = EvidentlyScores.IsPValue(method);
        // A p-value of exactly the limit may be off in its last digit.
        var isDrift = method is EvidentlyMethod.KolmogorovSmirnov or EvidentlyMethod.CramerVonMises ? score <= threshold * (1 + 1e-12) : isPValue ? score < threshold : score >= threshold;
        var figures = string.Create(CultureInfo.InvariantCulture, $"{(isPValue ? $"p {DriftFigures.FormatPValue(score)}" : $"score = {DriftFigures.Format(score)}")}, limit {DriftFigures.Format(threshold)}");
        return new DriftResult($"{Name}-{name}", isDrift ? DriftVerdict.Drift : DriftVerdict.NoDrift, $"{figures}: {(isDrift ? "drift" : "no drift")} as Evidently counts.", n, m)
        {
            Statistic = score,
            PValue = isPValue ? score : null,
            Effect = isPValue ? null : score,
            Threshold = isPValue ? null : threshold,
            ThresholdSource = _threshold is null ? $"Evidently's default of {name}" : "given",
        };
    }
}
