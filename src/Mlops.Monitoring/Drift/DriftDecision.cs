using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>The one rule that all drift tests share: drift is what is significant and large enough to matter.</summary>
internal static class DriftDecision
{
    /// <summary>Decides from what a test measured.</summary>
    /// <param name="test">The test.</param>
    /// <param name="measurement">What it measured.</param>
    /// <param name="referenceCount">The number of reference values that were present.</param>
    /// <param name="currentCount">The number of current values that were present.</param>
    /// <param name="options">What to call drift.</param>
    public static DriftResult Decide(IDriftTest test, DriftMeasurement measurement, long referenceCount, long currentCount, DriftTestOptions options)
    {
        var (symbol, statistic, pValue, effect, criticalEffect, interval) = measurement;
        if (!double.IsFinite(statistic) || !IsFiniteOrNone(pValue) || !double.IsFinite(effect) || criticalEffect is double.NaN)
            return NotComputable(test, referenceCount, currentCount, $"{symbol} is not a finite number for these values.");
        // Rounding may carry them across their ends.
        (pValue, effect) = (pValue is { } p ? Math.Clamp(p, 0, 1) : null, Math.Max(0, effect));
        var minimum = options.MinimumEffect ?? test.DefaultMinimumEffect;
        var isSignificant = pValue is null || pValue <= options.Significance;
        var isLarge = effect >= minimum;
        var figures = $"{symbol} = {DriftFigures.Format(statistic)}, {DescribePValue(pValue)}effect {DriftFigures.Format(effect)}{DescribeDirection(test)}";
        var reason = $"{figures}: {(pValue is null ? isLarge ? "more than the limit" : "within the limit" : Describe(isSignificant, isLarge, options.Significance))}.";
        var (threshold, source) = FindThreshold(measurement with { Effect = effect }, isSignificant, minimum, referenceCount, currentCount, options);
        return new DriftResult(test.Name, isSignificant && isLarge ? DriftVerdict.Drift : DriftVerdict.NoDrift, reason, referenceCount, currentCount)
        {
            Statistic = statistic,
            PValue = pValue,
            Effect = effect,
            EffectInterval = interval is { } bounds && double.IsFinite(bounds.Lower) && double.IsFinite(bounds.Upper) ? bounds : null,
            Threshold = threshold,
            ThresholdSource = source,
        };
    }

    /// <summary>Decides again by a p-value that is corrected for all tests together; where that changes the verdict, the reason says so.</summary>
    /// <param name="result">What the test said by itself; it has an effect.</param>
    /// <param name="adjusted">The corrected p-value.</param>
    /// <param name="significance">The significance of all tests together.</param>
    /// <param name="minimum">The smallest effect that counts.</param>
    public static DriftResult Correct(DriftResult result, double adjusted, double significance, double? minimum)
    {
        var (isSignificant, isLarge) = (adjusted <= significance, result.Effect >= minimum);
        var verdict = isSignificant && isLarge ? DriftVerdict.Drift : DriftVerdict.NoDrift;
        return result.Verdict == verdict ? result : result with
        {
            Verdict = verdict,
            Reason = $"{result.Reason} Corrected for the number of tests, {DescribePValue(adjusted)}effect {DriftFigures.Format(result.Effect.GetValueOrDefault())}: {Describe(isSignificant, isLarge, significance)}.",
        };
    }

    /// <summary>Finds the effect from which on the verdict is certain to be drift.</summary>
    /// <remarks>Where the p-value does not follow the effect alone, an effect beyond the limit may still be chance; then there is none.</remarks>
    private static (double? Threshold, string Source) FindThreshold(
        in DriftMeasurement measurement, bool isSignificant, double minimum, long referenceCount, long currentCount, DriftTestOptions options)
    {
        var critical = measurement.CriticalEffect ?? 0;
        var threshold = Math.Max(critical, minimum);
        var significance = string.Create(CultureInfo.InvariantCulture, $"significance {DriftFigures.Format(options.Significance)} with {referenceCount} and {currentCount} values");
        if (!double.IsFinite(threshold) || (measurement.Effect >= threshold && !isSignificant)) return (null, $"{significance}: no effect alone tells, only the p-value");
        return (threshold, critical > minimum ? significance : $"minimum effect {DriftFigures.Format(minimum)}");
    }

    /// <summary>Gets a result where there are too few values; otherwise <see langword="null"/>.</summary>
    /// <param name="test">The test.</param>
    /// <param name="referenceCount">The number of reference values that are present.</param>
    /// <param name="currentCount">The number of current values that are present.</param>
    /// <param name="options">How many the user wants.</param>
    /// <param name="minimumCount">How many the test needs of each sample.</param>
    public static DriftResult? FindShortage(IDriftTest test, long referenceCount, long currentCount, DriftTestOptions options, int minimumCount = 1)
    {
        var needed = Math.Max(options.MinimumCount, minimumCount);
        return Math.Min(referenceCount, currentCount) >= needed ? null : new DriftResult(
            test.Name, DriftVerdict.NotEnoughData, $"{referenceCount} reference and {currentCount} current values; {needed} of each are needed. Compare more rows{(needed > minimumCount && Math.Min(referenceCount, currentCount) >= minimumCount ? $", or lower {nameof(DriftTestOptions.MinimumCount)} to as few as {minimumCount}" : "")}.", referenceCount, currentCount);
    }

    public static DriftResult NotComputable(IDriftTest test, long referenceCount, long currentCount, string reason)
        => new(test.Name, DriftVerdict.NotComputable, reason, referenceCount, currentCount);

    private static string Describe(bool isSignificant, bool isLarge, double significance)
        => !isSignificant ? $"within chance at significance {DriftFigures.Format(significance)}" : isLarge ? "more than chance and than the minimum effect" : "more than chance, but below the minimum effect";

    private static string DescribeDirection(IDriftTest test) => (test as IDirectedDriftTest)?.Alternative switch
    {
        Alternative.Less => " (one-sided: whether the reference is less)",
        Alternative.Greater => " (one-sided: whether the reference is greater)",
        _ => "",
    };

    private static string DescribePValue(double? pValue) => pValue is { } p ? $"p {DriftFigures.FormatPValue(p)}, " : "";

    private static bool IsFiniteOrNone(double? figure) => figure is null || double.IsFinite(figure.Value);
}
