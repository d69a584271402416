using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Intervals of effects that are 0 without drift.</summary>
internal static class EffectIntervals
{
    /// <summary>Gets the interval that reaches a margin to both sides.</summary>
    public static ConfidenceInterval Around(double effect, double margin, double level, double largest = double.PositiveInfinity)
        => new(Math.Max(0, effect - margin), Math.Min(largest, effect + margin), level);

    /// <summary>Gets the interval of |δ| from an estimate of δ that is about normal.</summary>
    public static ConfidenceInterval OfAbsolute(double estimate, double deviation, double level)
        => OfAbsolute(estimate - (deviation * GetQuantile(level)), estimate + (deviation * GetQuantile(level)), level, double.PositiveInfinity);

    /// <summary>Gets the interval of |δ| from that of δ.</summary>
    public static ConfidenceInterval OfAbsolute(double lower, double upper, double level, double largest)
    {
        var farthest = Math.Min(largest, Math.Max(Math.Abs(lower), Math.Abs(upper)));
        return lower <= 0 && upper >= 0 ? new(0, farthest, level) : new(Math.Min(Math.Abs(lower), Math.Abs(upper)), farthest, level);
    }

    /// <summary>Gets the standard normal value that both tails beyond it leave the level between.</summary>
    public static double GetQuantile(double level) => NormalDistribution.UpperQuantile((1 - level) / 2);

    /// <summary>
    /// Gets the interval of |2θ − 1| for a probability θ of one value exceeding another: Wilson's (1927), with as many values as give the estimated variance; where all pairs agree
    /// and the variance is 0, that of R. G. Newcombe, "Confidence intervals for an effect size measure based on the Mann–Whitney statistic" (2006), method 5.
    /// </summary>
    /// <param name="theta">The estimate.</param>
    /// <param name="variance">Its estimated variance.</param>
    /// <param name="n">The number of reference values.</param>
    /// <param name="m">The number of current values.</param>
    /// <param name="level">The probability.</param>
    public static ConfidenceInterval OfDominance(double theta, double variance, double n, double m, double level)
    {
        var z = GetQuantile(level);
        var spread = theta * (1 - theta);
        // A variance far below what normal samples have is an accident of few values.
        var count = variance > 0 && spread > 0 ? Math.Min(spread / variance, n * m / 2) : n * m / (1 + ((n + m - 2) / 4));
        var centre = (theta + (z * z / (2 * count))) / (1 + (z * z / count));
        var margin = z * Math.Sqrt((spread / count) + (z * z / (4 * count * count))) / (1 + (z * z / count));
        return OfAbsolute((2 * (centre - margin)) - 1, (2 * (centre + margin)) - 1, level, 1);
    }

    /// <summary>Gets the interval with a margin more to both sides.</summary>
    public static ConfidenceInterval Widen(ConfidenceInterval interval, double margin, double largest)
        => new(Math.Max(0, interval.Lower - margin), Math.Min(largest, interval.Upper + margin), interval.Level);

    /// <summary>Gets what is left of the interval of |δ| when only one direction counts.</summary>
    /// <param name="interval">The interval of |δ|.</param>
    /// <param name="alternative">Which direction counts.</param>
    /// <param name="excess">By how much the reference is larger than the current sample.</param>
    public static ConfidenceInterval Toward(this ConfidenceInterval interval, Alternative alternative, double excess)
    {
        var isOpposite = (alternative == Alternative.Less && excess > 0) || (alternative == Alternative.Greater && excess < 0);
        return isOpposite ? interval with { Lower = 0, Upper = interval.Lower > 0 ? 0 : interval.Upper } : interval;
    }
}
