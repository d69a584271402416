using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What tests on order ask of two profiles.</summary>
internal static class SketchedSample
{
    public static DriftResult RefuseWithoutQuantiles(IDriftTest test, ColumnProfile reference, ColumnProfile current)
        => DriftDecision.NotComputable(test, reference.RowCount - reference.MissingCount, current.RowCount - current.MissingCount, $"'{reference.Name}' has no quantiles on both sides.");

    /// <summary>Gets the values at which two sketches step, and the share of each sample that is below and at each.</summary>
    public static IEnumerable<(double Below, double At, double BelowCurrent, double AtCurrent)> GetSteps(KllSketch reference, KllSketch current)
    {
        var (x, y) = (reference.GetSortedItems(), current.GetSortedItems());
        double n = reference.Count, m = current.Count;
        int i = 0, j = 0;
        long below = 0, belowCurrent = 0;
        while (i < x.Length || j < y.Length)
        {
            var value = i == x.Length ? y[j].Value : j == y.Length ? x[i].Value : Math.Min(x[i].Value, y[j].Value);
            long at = 0, atCurrent = 0;
            while (i < x.Length && x[i].Value <= value) at += x[i++].Weight;
            while (j < y.Length && y[j].Value <= value) atCurrent += y[j++].Weight;
            yield return (below / n, at / n, belowCurrent / m, atCurrent / m);
            below += at;
            belowCurrent += atCurrent;
        }
    }
}
