namespace Mlops.Monitoring;

/// <summary>How often each of a few different numbers occurs.</summary>
/// <param name="Values">The numbers, ascending.</param>
/// <param name="Reference">How often each occurs in the reference.</param>
/// <param name="Current">How often each occurs now.</param>
internal sealed record FewNumbers(double[] Values, long[] Reference, long[] Current)
{
    /// <summary>The largest number of different values that are compared one by one.</summary>
    public const int Most = 20;

    /// <summary>Counts the values of both sides; <see langword="null"/> when there are more than <see cref="Most"/> different ones, or so many that they hardly ever occur twice.</summary>
    public static FewNumbers? Find(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        Span<long> keys = stackalloc long[Most];
        long[] first = new long[Most], second = new long[Most];
        var count = 0;
        if (!Add(reference, keys, ref count, first) || !Add(current, keys, ref count, second) || count == 0 || 2L * count > (long)reference.Length + current.Length) return null;
        double[] values = new double[count];
        for (var i = 0; i < count; i++) values[i] = BitConverter.Int64BitsToDouble(keys[i]);
        int[] order = [.. Enumerable.Range(0, count).OrderBy(i => values[i])];
        return new FewNumbers([.. order.Select(i => values[i])], [.. order.Select(i => first[i])], [.. order.Select(i => second[i])]);
    }

    /// <summary>Counts the values of both sides, however many they are.</summary>
    public static FewNumbers Count(double[] reference, double[] current)
    {
        var counts = new SortedDictionary<double, (long Reference, long Current)>();
        foreach (var value in reference) counts[value] = (counts.GetValueOrDefault(value).Reference + 1, 0);
        foreach (var value in current)
        {
            var (first, second) = counts.GetValueOrDefault(value);
            counts[value] = (first, second + 1);
        }

        return new FewNumbers([.. counts.Keys], [.. counts.Values.Select(count => count.Reference)], [.. counts.Values.Select(count => count.Current)]);
    }

    private static bool Add(ReadOnlySpan<double> values, Span<long> keys, ref int count, long[] counts)
    {
        foreach (var value in values)
        {
            var key = BitConverter.DoubleToInt64Bits(value + 0.0); // −0 becomes 0.
            var place = keys[..count].IndexOf(key);
            if (place < 0)
            {
                if (count == Most) return false;
                keys[place = count++] = key;
            }

            counts[place]++;
        }

        return true;
    }
}
