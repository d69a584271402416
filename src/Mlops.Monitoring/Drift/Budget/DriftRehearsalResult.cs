using System.Globalization;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>How often a configuration alarmed on data that did not drift: chunks of the reference itself.</summary>
/// <param name="Repetitions">The number of reports.</param>
/// <param name="Alarms">The number of reports that found drift.</param>
/// <param name="Untested">The number of reports in which no column could be tested, as with too few rows.</param>
/// <param name="Interval">Where the probability of a false alarm lies, 0..1, with a confidence of 95 % (Clopper–Pearson).</param>
/// <param name="Columns">The columns that alarmed, the most frequent first.</param>
public sealed record DriftRehearsalResult(int Repetitions, int Alarms, int Untested, ConfidenceInterval Interval, IReadOnlyList<RehearsedColumn> Columns)
{
    /// <summary>Gets the share of reports that found drift, 0..1; 0 without reports.</summary>
    public double AlarmedRatio => Repetitions == 0 ? 0 : (double)Alarms / Repetitions;

    /// <summary>Gets where the expected number of false alarms in a month of 30.4375 days lies.</summary>
    /// <param name="interval">The time from one evaluation to the next, above 0.</param>
    /// <returns>The interval, with the confidence of <see cref="Interval"/>.</returns>
    public ConfidenceInterval GetAlarmsPerMonth(TimeSpan interval)
    {
        var evaluations = FalseAlarmBudget.PerMonth(1).GetEvaluations(interval);
        return Interval with { Lower = evaluations * Interval.Lower, Upper = evaluations * Interval.Upper };
    }

    /// <inheritdoc/>
    public bool Equals(DriftRehearsalResult? other)
        => other is not null && (Repetitions, Alarms, Untested, Interval) == (other.Repetitions, other.Alarms, other.Untested, other.Interval) && Columns.SequenceEqual(other.Columns);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Repetitions, Alarms, Untested, Interval, Columns.Count);

    /// <summary>Describes the result in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Alarms} of {Repetitions} reports on the reference itself alarmed ({100 * Interval.Lower:0.##} to {100 * Interval.Upper:0.##} %){(Untested == 0 ? "" : $"; in {Untested} nothing could be tested")}");
}
