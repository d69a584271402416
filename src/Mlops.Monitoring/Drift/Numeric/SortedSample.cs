using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A sample in ascending order, without missing values: made once of a reference, it saves half the time of every test on order that follows.</summary>
/// <remarks>Unchangeable and safe for concurrent use. Holds a copy of the values, 8 bytes each. Making it takes O(n) passes of a radix sort.</remarks>
/// <example><code>var reference = new SortedSample(training); var result = new Wasserstein().Test(reference, new SortedSample(live));</code></example>
public sealed class SortedSample
{
    /// <summary>Sorts a sample.</summary>
    /// <param name="values">The values, shape (n), in any order; NaN counts as missing.</param>
    public SortedSample(ReadOnlySpan<double> values)
        : this(From(values), isSorted: true)
    {
    }

    private SortedSample(double[] sorted, bool isSorted) => Values = sorted;

    /// <summary>Gets the number of values that are present.</summary>
    public int Count => Values.Length;

    /// <summary>Gets the values, ascending.</summary>
    internal double[] Values { get; }

    /// <summary>Gets whether any value is infinite.</summary>
    internal bool HasInfinity => Count > 0 && (double.IsInfinity(Values[0]) || double.IsInfinity(Values[^1]));

    /// <summary>Takes over values that are sorted already.</summary>
    internal static SortedSample Of(double[] sorted) => new(sorted, isSorted: true);

    /// <summary>Takes the values of a sketch that still keeps every one of them.</summary>
    internal static SortedSample Of(KllSketch exact) => Of(From(exact));

    /// <summary>Sorts values, leaving out missing ones.</summary>
    internal static double[] From(ReadOnlySpan<double> values)
    {
        var present = GetPresent(values);
        RadixSort.Sort(present);
        return present;
    }

    /// <summary>Gets the values of a sketch that still keeps every one of them.</summary>
    internal static double[] From(KllSketch exact) => Array.ConvertAll(exact.GetSortedItems(), item => item.Value);

    /// <summary>Copies values, leaving out missing ones.</summary>
    internal static double[] GetPresent(ReadOnlySpan<double> values)
    {
        var present = GC.AllocateUninitializedArray<double>(values.Length);
        var count = 0;
        foreach (var value in values)
        {
            present[count] = value;
            if (!double.IsNaN(value)) count++;
        }

        if (count < values.Length) Array.Resize(ref present, count);
        return present;
    }
}
