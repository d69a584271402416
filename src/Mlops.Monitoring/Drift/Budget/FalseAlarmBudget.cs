using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>How many false alarms are borne in which time: what thresholds are derived from.</summary>
/// <remarks>
/// The expected number of evaluations that alarm without any drift is at most <paramref name="Alarms"/> per <paramref name="Period"/>, when each evaluation may raise a false alarm with the probability
/// <see cref="GetSignificance"/>. To spread the budget otherwise over time, see <see cref="AlphaSpending"/>.
/// </remarks>
/// <param name="Alarms">The number of false alarms, above 0; 0.5 with a month is one in two months.</param>
/// <param name="Period">The time, above 0.</param>
/// <example><code>var significance = FalseAlarmBudget.PerMonth(1).GetSignificance(TimeSpan.FromHours(1)); // 0.00137: one hour in 730</code></example>
public sealed record FalseAlarmBudget(double Alarms, TimeSpan Period)
{
    /// <summary>The largest significance that a budget gives, however many alarms it allows: an alarm that is as likely without drift as not says nothing.</summary>
    public const double MaximumSignificance = 0.5;

    /// <summary>The length of a month on average: a twelfth of 365.25 days.</summary>
    public static TimeSpan Month { get; } = TimeSpan.FromDays(30.4375);

    /// <summary>Gets the number of false alarms, above 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a number above 0.</exception>
    public double Alarms { get; init => field = RequireAlarms(value); } = RequireAlarms(Alarms);

    /// <summary>Gets the time, above 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public TimeSpan Period { get; init => field = RequirePeriod(value); } = RequirePeriod(Period);

    /// <summary>Makes a budget for a month of 30.4375 days.</summary>
    /// <param name="alarms">The number of false alarms, above 0.</param>
    /// <returns>The budget.</returns>
    public static FalseAlarmBudget PerMonth(double alarms) => new(alarms, Month);

    /// <summary>Makes a budget for a year of 365.25 days.</summary>
    /// <param name="alarms">The number of false alarms, above 0.</param>
    /// <returns>The budget.</returns>
    public static FalseAlarmBudget PerYear(double alarms) => new(alarms, 12 * Month);

    /// <summary>Gets the probability of a false alarm that is allowed to one evaluation.</summary>
    /// <param name="interval">The time from one evaluation to the next, above 0.</param>
    /// <returns>Alarms · interval/period, above 0 and at most <see cref="MaximumSignificance"/>.</returns>
    public double GetSignificance(TimeSpan interval) => Math.Min(MaximumSignificance, Alarms / GetEvaluations(interval));

    /// <summary>Gets the number of evaluations in the period.</summary>
    /// <param name="interval">The time from one evaluation to the next, above 0.</param>
    /// <returns>Period/interval.</returns>
    public double GetEvaluations(TimeSpan interval) => Period / RequirePeriod(interval, nameof(interval));

    /// <summary>Describes the budget, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Alarms:0.####} false alarms in {Period.TotalDays:0.####} days");

    private static double RequireAlarms(double alarms)
        => alarms > 0 && double.IsFinite(alarms) ? alarms : throw new ArgumentOutOfRangeException(nameof(alarms), alarms, "The number of false alarms is above 0; without any, nothing could ever be an alarm.");

    private static TimeSpan RequirePeriod(TimeSpan period, string name = nameof(Period))
        => period > TimeSpan.Zero ? period : throw new ArgumentOutOfRangeException(name, period, "The time is above 0.");
}
