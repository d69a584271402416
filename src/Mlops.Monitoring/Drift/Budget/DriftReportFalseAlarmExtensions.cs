using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Tells the false alarms of a configuration before it runs.</summary>
public static class DriftReportFalseAlarmExtensions
{
    /// <summary>The number of evaluations whose significances are looked at; more follow the same course.</summary>
    private const int MostEvaluations = 1_000_000;

    /// <summary>Estimates how many false alarms reports with these options will make.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The profile that will be compared with.</param>
    /// <param name="interval">The time from one report to the next, above 0.</param>
    /// <returns>Upper bounds of the false alarms in a month, for every correction.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above 0, or an option is out of its range.</exception>
    public static FalseAlarmEstimate EstimateFalseAlarms(this DriftReportOptions options, DatasetProfile reference, TimeSpan interval)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(reference);
        return FalseAlarmEstimate.Create(options, reference, interval);
    }

    /// <summary>Estimates how many false alarms a series with these options will make in the month to come, from <see cref="DriftSeriesOptions.SpendingState"/> on.</summary>
    /// <remarks>
    /// The significance of the estimate is the mean of those that the month's chunks get while nothing alarms; with <see cref="AlphaSpending.Lord"/>, alarms earn more. Limits from reference chunks give each test its part of the
    /// significance, so that <see cref="Correction.Bonferroni"/> is shown; they hold if chunks of the reference differ as those to come do.
    /// </remarks>
    /// <param name="options">The options.</param>
    /// <param name="reference">The profile that will be compared with.</param>
    /// <returns>Upper bounds of the false alarms in a month, for every correction.</returns>
    /// <exception cref="ArgumentException">The options contradict each other, or neither the chunks nor <see cref="DriftSeriesOptions.Interval"/> tell the time from one chunk to the next.</exception>
    public static FalseAlarmEstimate EstimateFalseAlarms(this DriftSeriesOptions options, DatasetProfile reference)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(reference);
        _ = options.Validate();
        var interval = options.Interval ?? options.Chunking.Interval
            ?? throw new ArgumentException($"An estimate needs the time from one chunk to the next, and chunks {options.Chunking} do not tell it. Give {nameof(DriftSeriesOptions.Interval)}.", nameof(options));
        var spending = options.GetSpending();
        var evaluations = (int)Math.Clamp(Math.Round(FalseAlarmBudget.Month / interval), 1, MostEvaluations);
        var (state, sum) = (options.SpendingState, 0.0);
        for (var i = 0; i < evaluations; i++, state = state.Next(hasAlarmed: false)) sum += spending.GetSignificance(state);
        var estimate = FalseAlarmEstimate.Create(options.Report.WithSignificance(sum / evaluations), reference, interval);
        return options.ReferenceChunks is null ? estimate : estimate with { Correction = Correction.Bonferroni };
    }
}
