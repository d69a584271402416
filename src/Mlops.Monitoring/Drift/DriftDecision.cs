using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>The one rule that all drift tests share: drift is what is significant and large enough to matter.</summary>
internal static class DriftDecision
{
    private const string Found = ": more than chance and than the minimum effect.";
    private const string WithinChance = ": within chance.";

    /// <summary>Decides from what a test measured.</summary>
    /// <param name="test">The test.</param>
    /// <param name="measurement">What it measured.</param>
    /// <param name="referenceCount">The number of reference values that were present.</param>
    /// <param name="currentCount">The number of current values that were present.</param>
    /// <param name="options">What to call drift.</param>
    public static DriftResult Decide(IDriftTest test, DriftMeasurement measurement, long referenceCount, long currentCount, DriftTestOptions options)
    {
        var (symbol, statistic, pValue, effect, criticalEffect, interval) = measurement;
        if (!double.IsFinite(statistic) || !IsFiniteOrNone(pValue) || !double.IsFinite(effect) || !IsFiniteOrNone(criticalEffect))
            return NotComputable(test, referenceCount, currentCount, $"{symbol} is not a finite number for these values.");
        // Rounding may carry them across their ends.
        (pValue, effect) = (pValue is { } p ? Math.Clamp(p, 0, 1) : null, Math.Max(0, effect));
        var minimum = options.MinimumEffect ?? test.DefaultMinimumEffect;
        var isSignificant = pValue is null || pValue <= options.Significance;
        var isLarge = effect >= minimum;
        var figures = string.Create(CultureInfo.InvariantCulture, $"{symbol} = {statistic:0.####}, {DescribePValue(pValue)}effect {effect:0.####}");
        var reason = (isSignificant, isLarge) switch
        {
            (true, true) when pValue is null => $"{figures}: more than the limit.",
            (true, true) => $"{figures}{Found}",
            (true, false) when pValue is null => $"{figures}: within the limit.",
            (true, false) => $"{figures}: more than chance, but below the minimum effect.",
            _ => $"{figures}{WithinChance}",
        };
        var isChance = criticalEffect > minimum;
        return new DriftResult(test.Name, isSignificant && isLarge ? DriftVerdict.Drift : DriftVerdict.NoDrift, reason, referenceCount, currentCount)
        {
            Statistic = statistic,
            PValue = pValue,
            Effect = effect,
            EffectInterval = interval is { } bounds && double.IsFinite(bounds.Lower) && double.IsFinite(bounds.Upper) ? bounds : null,
            Threshold = isChance ? criticalEffect : minimum,
            ThresholdSource = isChance
                ? string.Create(CultureInfo.InvariantCulture, $"significance {options.Significance:0.####} with {referenceCount} and {currentCount} values")
                : string.Create(CultureInfo.InvariantCulture, $"minimum effect {minimum:0.####}"),
        };
    }

    /// <summary>Gives a result another verdict, after a correction that looks at all tests together.</summary>
    public static DriftResult Restate(DriftResult result, DriftVerdict verdict) => result.Verdict == verdict ? result : result with
    {
        Verdict = verdict,
        Reason = verdict == DriftVerdict.Drift ? result.Reason.Replace(WithinChance, Found, StringComparison.Ordinal) : result.Reason.Replace(Found, WithinChance, StringComparison.Ordinal),
    };

    public static DriftResult? FindShortage(IDriftTest test, long referenceCount, long currentCount, DriftTestOptions options)
        => Math.Min(referenceCount, currentCount) >= options.MinimumCount ? null : new DriftResult(
            test.Name, DriftVerdict.NotEnoughData, $"{referenceCount} reference and {currentCount} current values; {options.MinimumCount} of each are needed.", referenceCount, currentCount);

    public static DriftResult NotComputable(IDriftTest test, long referenceCount, long currentCount, string reason)
        => new(test.Name, DriftVerdict.NotComputable, reason, referenceCount, currentCount);

    private static string DescribePValue(double? pValue) => pValue switch
    {
        null => "",
        < 5e-5 => "p < 0.0001, ",
        _ => string.Create(CultureInfo.InvariantCulture, $"p = {pValue:0.####}, "),
    };

    private static bool IsFiniteOrNone(double? figure) => figure is null || double.IsFinite(figure.Value);
}
