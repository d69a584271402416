using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What tests on order ask of two sketches.</summary>
internal static class SketchedSample
{
    /// <summary>Gets the values at which two sketches step, and how many values of each sample are below and at each.</summary>
    public static IEnumerable<(long Below, long At, long BelowCurrent, long AtCurrent)> GetSteps(KllSketch reference, KllSketch current)
    {
        var (x, y) = (reference.GetSortedItems(), current.GetSortedItems());
        int i = 0, j = 0;
        long below = 0, belowCurrent = 0;
        while (i < x.Length || j < y.Length)
        {
            var value = i == x.Length ? y[j].Value : j == y.Length ? x[i].Value : Math.Min(x[i].Value, y[j].Value);
            long at = 0, atCurrent = 0;
            while (i < x.Length && x[i].Value <= value) at += x[i++].Weight;
            while (j < y.Length && y[j].Value <= value) atCurrent += y[j++].Weight;
            yield return (below, at, belowCurrent, atCurrent);
            below += at;
            belowCurrent += atCurrent;
        }
    }
}
