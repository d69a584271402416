using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>The one rule that all drift tests share: drift is what is significant and large enough to matter.</summary>
internal static class DriftDecision
{
    // criticalEffect: the effect at which the p-value reaches the significance, for these counts.
    public static DriftResult Decide(string test, string symbol, double statistic, double pValue, double effect, double criticalEffect, long referenceCount, long currentCount, DriftTestOptions options)
    {
        if (!double.IsFinite(statistic) || !double.IsFinite(pValue) || !double.IsFinite(effect) || !double.IsFinite(criticalEffect))
            return NotComputable(test, referenceCount, currentCount, $"{symbol} is not a finite number for these values.");
        var isSignificant = pValue <= options.Significance;
        var isLarge = effect >= options.MinimumEffect;
        var figures = string.Create(CultureInfo.InvariantCulture, $"{symbol} = {statistic:0.####}, p = {pValue:0.####}, effect {effect:0.####}");
        var reason = (isSignificant, isLarge) switch
        {
            (true, true) => $"{figures}: more than chance and than the minimum effect.",
            (true, false) => $"{figures}: more than chance, but below the minimum effect.",
            _ => $"{figures}: within chance.",
        };
        return new DriftResult(test, isSignificant && isLarge ? DriftVerdict.Drift : DriftVerdict.NoDrift, reason, referenceCount, currentCount)
        {
            Statistic = statistic,
            PValue = pValue,
            Effect = effect,
            Threshold = Math.Max(criticalEffect, options.MinimumEffect),
            ThresholdSource = criticalEffect > options.MinimumEffect
                ? string.Create(CultureInfo.InvariantCulture, $"significance {options.Significance:0.####} with {referenceCount} and {currentCount} values")
                : string.Create(CultureInfo.InvariantCulture, $"minimum effect {options.MinimumEffect:0.####}"),
        };
    }

    public static DriftResult? FindShortage(string test, long referenceCount, long currentCount, DriftTestOptions options)
        => Math.Min(referenceCount, currentCount) >= options.MinimumCount ? null : new DriftResult(
            test, DriftVerdict.NotEnoughData, $"{referenceCount} reference and {currentCount} current values; {options.MinimumCount} of each are needed.", referenceCount, currentCount);

    public static DriftResult NotComputable(string test, long referenceCount, long currentCount, string reason)
        => new(test, DriftVerdict.NotComputable, reason, referenceCount, currentCount);
}
