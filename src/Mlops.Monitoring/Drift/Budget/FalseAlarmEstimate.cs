using System.Globalization;
using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>How many false alarms a configuration will make, known before it runs.</summary>
/// <remarks>
/// Computed from the number of tests, their significance and the number of evaluations, for a world without any drift. The figures are upper bounds: minimum effects only lower them.
/// <see cref="DriftRehearsal"/> counts the alarms on the reference data themselves.
/// </remarks>
/// <param name="EvaluationsPerMonth">The number of evaluations in a month of 30.4375 days.</param>
/// <param name="ColumnCount">The number of columns that are compared.</param>
/// <param name="TestCount">The number of tests in an evaluation: one for each column, one for each that has missing values, and those of all numbers together.</param>
/// <param name="Significance">The probability of any false alarm that is allowed to one evaluation, 0..1.</param>
/// <param name="Corrections">The figures for every correction for the number of tests.</param>
/// <example><code>
/// var estimate = new DriftReportOptions { Significance = budget.GetSignificance(hour) }.EstimateFalseAlarms(trainingProfile, hour);
/// Console.WriteLine(estimate[Correction.Holm].AlarmedEvaluationsPerMonth);
/// </code></example>
public sealed record FalseAlarmEstimate(double EvaluationsPerMonth, int ColumnCount, int TestCount, double Significance, IReadOnlyList<CorrectedFalseAlarms> Corrections)
{
    /// <summary>Gets the correction that the options use, which <see cref="ToString"/> shows.</summary>
    /// <value>The default value is <see cref="Correction.Holm"/>, as of <see cref="DriftReportOptions"/>.</value>
    public Correction Correction { get; init; } = Correction.Holm;

    /// <summary>Gets the figures for a correction.</summary>
    /// <param name="correction">The correction.</param>
    public CorrectedFalseAlarms this[Correction correction]
        => Corrections.FirstOrDefault(row => row.Correction == correction) ?? throw new ArgumentOutOfRangeException(nameof(correction), correction, "The estimate has no such correction.");

    /// <summary>Estimates the false alarms of any number of tests.</summary>
    /// <param name="columnCount">The number of columns, ≥ 0.</param>
    /// <param name="testCount">The number of tests in an evaluation, ≥ 0.</param>
    /// <param name="significance">The probability of any false alarm in an evaluation, above 0 and below 1.</param>
    /// <param name="interval">The time from one evaluation to the next, above 0.</param>
    /// <returns>The estimate.</returns>
    public static FalseAlarmEstimate Create(int columnCount, int testCount, double significance, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(columnCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(testCount, columnCount);
        if (!(significance is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(significance), significance, "The significance lies between 0 and 1.");
        if (interval <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(interval), interval, "The time is above 0.");
        var evaluations = FalseAlarmBudget.Month / interval;
        return new FalseAlarmEstimate(evaluations, columnCount, testCount, significance, [.. Enum.GetValues<Correction>().Select(correction => Estimate(correction, columnCount, testCount, significance, evaluations))]);
    }

    internal static FalseAlarmEstimate Create(DriftReportOptions options, DatasetProfile reference, TimeSpan interval)
    {
        // Compared with itself, the reference shows which tests there will be.
        var findings = DriftReport.Create(reference, reference, options).Findings;
        return Create(findings.Where(finding => finding.Kind != DriftFindingKind.Rows).Select(finding => finding.Column).Distinct(StringComparer.Ordinal).Count(), findings.Count, options.Significance, interval)
            with { Correction = options.Correction };
    }

    /// <inheritdoc/>
    public bool Equals(FalseAlarmEstimate? other)
        => other is not null && (EvaluationsPerMonth, ColumnCount, TestCount, Significance, Correction) == (other.EvaluationsPerMonth, other.ColumnCount, other.TestCount, other.Significance, other.Correction)
            && Corrections.SequenceEqual(other.Corrections);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(EvaluationsPerMonth, ColumnCount, TestCount, Significance, Correction);

    /// <summary>Describes the estimate in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{EvaluationsPerMonth:0.##} evaluations a month of {TestCount} tests of {ColumnCount} columns at {Significance:0.######}; without drift, {this[Correction]}");

    private static CorrectedFalseAlarms Estimate(Correction correction, int columns, int tests, double significance, double evaluations)
    {
        if (tests == 0) return new CorrectedFalseAlarms(correction, significance, 0, 0, 0, 0);
        var harmonic = 0.0;
        for (var i = 1; i <= tests; i++) harmonic += 1.0 / i;
        var sidak = GetAny(significance, 1.0 / tests);
        var (single, any, worst) = correction switch
        {
            Correction.None => (significance, GetAny(significance, tests), Math.Min(1, tests * significance)),
            Correction.Bonferroni or Correction.Holm => (significance / tests, significance, significance),
            Correction.Sidak or Correction.HolmSidak => (sidak, significance, Math.Min(1, tests * sidak)),
            // Simes' inequality holds for positive dependence; whatever the dependence, it loses a harmonic number (G. Hommel, 1983).
            Correction.Hochberg or Correction.Hommel or Correction.BenjaminiHochberg => (significance / tests, significance, Math.Min(1, harmonic * significance)),
            _ => (significance / tests / harmonic, significance / harmonic, significance),
        };
        return new CorrectedFalseAlarms(correction, single, any, worst, evaluations * any, evaluations * Math.Min(columns, GetExpectedRejections(correction, tests, significance, sidak, harmonic)));
    }

    /// <summary>Gets 1 − (1 − p)^k.</summary>
    private static double GetAny(double probability, double tests) => -Math.Exp(tests * Accurate.LogOnePlus(-probability)) + 1;

    /// <summary>Bounds the expected number of rejections of independent tests without drift.</summary>
    /// <remarks>With at least r rejections, stepping down, the r-th smallest p-value is at most its limit; stepping up, this holds for some s ≥ r. The count of p-values below a limit is binomial.</remarks>
    private static double GetExpectedRejections(Correction correction, int tests, double significance, double sidak, double harmonic)
    {
        if (correction == Correction.None) return tests * significance;
        if (correction == Correction.Bonferroni) return significance;
        if (correction == Correction.Sidak) return tests * sidak;
        double sum = 0;
        for (var rank = 1; rank <= tests; rank++)
        {
            var limit = correction switch
            {
                Correction.Holm or Correction.Hochberg => significance / (tests - rank + 1),
                Correction.HolmSidak => GetAny(significance, 1.0 / (tests - rank + 1)),
                Correction.BenjaminiYekutieli => rank * significance / tests / harmonic,
                // Hommel's test rejects no more than that of Benjamini and Hochberg.
                _ => rank * significance / tests,
            };
            var probability = limit >= 1 ? 1 : IncompleteBeta.Regularized(rank, tests - rank + 1, (1 - limit) / limit);
            sum += correction is Correction.Holm or Correction.HolmSidak ? probability : rank * probability;
            if (probability < 1e-12 * sum) break;
        }

        return Math.Min(tests * significance, sum);
    }
}
