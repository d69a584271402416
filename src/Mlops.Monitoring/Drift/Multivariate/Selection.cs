namespace Mlops.Monitoring;

/// <summary>Finds the value at a place of the order without sorting.</summary>
internal static class Selection
{
    /// <summary>Moves values so that the place has the value it would have if they were sorted, none before it is larger and none behind it smaller.</summary>
    /// <remarks>Time O(n) as a rule. Source: C. A. R. Hoare, "Algorithm 65: Find", Communications of the ACM 4(7), 1961.</remarks>
    /// <returns>That value.</returns>
    public static double Select(Span<double> values, int place)
    {
        var (low, high) = (0, values.Length - 1);
        while (high - low > 16)
        {
            var pivot = Median(values[low], values[(low + high) >>> 1], values[high]);
            var (left, right) = (low, high);
            while (left <= right)
            {
                while (values[left] < pivot) left++;
                while (values[right] > pivot) right--;
                if (left > right) break;
                (values[left], values[right]) = (values[right], values[left]);
                left++;
                right--;
            }

            if (place <= right) high = right;
            else if (place >= left) low = left;
            else return values[place];
        }

        values[low..(high + 1)].Sort();
        return values[place];
    }

    private static double Median(double a, double b, double c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
