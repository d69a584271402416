using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Makes sorted samples without missing values.</summary>
internal static class SortedSample
{
    public static double[] From(ReadOnlySpan<double> values)
    {
        var present = new double[values.Length];
        var count = 0;
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) present[count++] = value;
        }

        Array.Resize(ref present, count);
        Array.Sort(present);
        return present;
    }

    /// <summary>Gets the values of a sketch that still keeps every one of them.</summary>
    public static double[] From(KllSketch exact) => Array.ConvertAll(exact.GetSortedItems(), item => item.Value);
}
