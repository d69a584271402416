namespace Mlops.Monitoring;

/// <summary>Intervals of distances that are measured in deviations of the reference.</summary>
internal static class DistanceEffects
{
    /// <summary>Refuses samples that lie so far apart that their distance in deviations of the reference is no number any more.</summary>
    public static DriftResult RefuseTooFar(IDriftTest test, long referenceCount, long currentCount, double statistic)
        => DriftDecision.NotComputable(
            test, referenceCount, currentCount, "The distance is so many deviations of the reference that no number holds it: a value of extreme size is among the data; the Kolmogorov–Smirnov test takes them as they are.") with
        {
            Statistic = double.IsFinite(statistic) ? statistic : null,
        };

    /// <summary>Adds what is uncertain of the deviation to what is uncertain of the distance.</summary>
    /// <param name="ofDistance">The margin of the distance, in deviations.</param>
    /// <param name="effect">The distance over the deviation.</param>
    /// <param name="reference">The moments of the reference.</param>
    /// <param name="level">The probability.</param>
    /// <param name="power">The power of the deviation that the distance is divided by.</param>
    public static double GetMargin(double ofDistance, double effect, in SampleMoments reference, double level, double power)
    {
        if (!(reference.Second > 0)) return ofDistance;
        var relative = Math.Sqrt(Math.Max(0, (reference.Fourth / (reference.Second * reference.Second)) - 1) / (4 * reference.Count));
        var ofDeviation = EffectIntervals.GetQuantile(level) * effect * power * relative;
        return Math.Sqrt((ofDistance * ofDistance) + (ofDeviation * ofDeviation));
    }
}
