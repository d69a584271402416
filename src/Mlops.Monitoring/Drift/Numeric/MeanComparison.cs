using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>The two t tests, from moments.</summary>
internal static class MeanComparison
{
    private const int MinimumCount = 2;
    private const string Symbol = "t";

    public static DriftResult Test(IDriftTest test, SortedSample reference, SortedSample current, bool isPooled, Alternative alternative, DriftTestOptions? options)
        => SortedComparison.Test(test, reference, current, options, (reference, current, options) =>
        {
            var (x, y, _) = OrderTests.Scale(reference, current);
            return Decide(test, SampleMoments.From(x), SampleMoments.From(y), isPooled, alternative, options);
        }, MinimumCount, isOfDistances: true);

    public static DriftResult Test(IDriftTest test, ColumnProfile reference, ColumnProfile current, bool isPooled, Alternative alternative, DriftTestOptions? options)
        => ProfileComparison.Test(test, reference, current, options, static profile => profile.Moments, "no moments", (expected, actual, options) =>
        {
            if (DriftDecision.FindShortage(test, expected.Count, actual.Count, options, MinimumCount) is { } shortage) return shortage;
            return expected.FiniteCount < expected.Count || actual.FiniteCount < actual.Count
                ? DriftDecision.NotComputable(test, expected.Count, actual.Count, "A value is infinite, so that there is no mean; the Kolmogorov–Smirnov test needs none.")
                : Decide(test, SampleMoments.From(expected), SampleMoments.From(actual), isPooled, alternative, options);
        });

    private static DriftResult Decide(IDriftTest test, in SampleMoments x, in SampleMoments y, bool isPooled, Alternative alternative, DriftTestOptions options)
    {
        double n = x.Count, m = y.Count;
        // The effect is in units of the deviation that both samples share, each with its weight.
        var (weightX, weightY) = isPooled ? ((n - 1) / (n + m - 2), (m - 1) / (n + m - 2)) : (0.5, 0.5);
        var shared = (weightX * x.Variance) + (weightY * y.Variance);
        if (!(shared > 0))
            return DriftDecision.NotComputable(test, (long)n, (long)m, "No value differs from the others of its sample, so that there is no deviation to measure by; the Kolmogorov–Smirnov test needs none.");
        var (squareX, squareY) = isPooled ? (shared / n, shared / m) : (x.Variance / n, y.Variance / m);
        var error = Math.Sqrt(squareX + squareY);
        var difference = x.Mean - y.Mean;
        var statistic = difference / error;
        var degreesOfFreedom = isPooled
            ? n + m - 2
            : (squareX + squareY) * (squareX + squareY) / ((squareX * squareX / (n - 1)) + (squareY * squareY / (m - 1)));
        var pValue = alternative switch
        {
            Alternative.Less => StudentDistribution.UpperTail(-statistic, degreesOfFreedom),
            Alternative.Greater => StudentDistribution.UpperTail(statistic, degreesOfFreedom),
            _ => StudentDistribution.TwoSidedTail(statistic, degreesOfFreedom),
        };
        var deviation = Math.Sqrt(shared);
        var signed = difference / deviation;
        var effect = alternative switch { Alternative.Less => Math.Max(0, -signed), Alternative.Greater => Math.Max(0, signed), _ => Math.Abs(signed) };
        var significance = alternative == Alternative.TwoSided ? options.Significance / 2 : options.Significance;
        var critical = StudentDistribution.UpperQuantile(significance, degreesOfFreedom) * error / deviation;
        var interval = EffectIntervals.OfAbsolute(signed, GetDeviation(x, y, weightX, weightY, signed, shared), options.ConfidenceLevel).Toward(alternative, signed);
        return DriftDecision.Decide(test, new DriftMeasurement(Symbol, statistic, pValue, effect, critical, interval), (long)n, (long)m, options);
    }

    /// <summary>
    /// Gets the standard error of the difference over the shared deviation, by the delta method with the third and fourth moments of the samples, so that it holds for any distribution that has them.
    /// </summary>
    private static double GetDeviation(in SampleMoments x, in SampleMoments y, double weightX, double weightY, double signed, double shared)
    {
        double n = x.Count, m = y.Count;
        var ofMeans = ((x.Variance / n) + (y.Variance / m)) / shared;
        var ofSquares = ((weightX * weightX * (x.Fourth - (x.Second * x.Second)) / n) + (weightY * weightY * (y.Fourth - (y.Second * y.Second)) / m)) / (shared * shared);
        var joint = ((weightX * x.Third / n) - (weightY * y.Third / m)) / (shared * Math.Sqrt(shared));
        return Math.Sqrt(Math.Max(0, ofMeans + (signed * signed * ofSquares / 4) - (signed * joint)));
    }
}
