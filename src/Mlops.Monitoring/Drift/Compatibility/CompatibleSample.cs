namespace Mlops.Monitoring;

/// <summary>What both tools do with a sample: missing values are dropped, values are counted, cumulative distributions are compared.</summary>
internal static class CompatibleSample
{
    /// <summary>Gets the finite values, ascending.</summary>
    public static double[] From(ReadOnlySpan<double> values)
    {
        var sorted = SortedSample.From(values);
        return sorted.Length > 0 && (double.IsInfinity(sorted[0]) || double.IsInfinity(sorted[^1])) ? [.. sorted.Where(double.IsFinite)] : sorted;
    }

    /// <summary>Counts each value, ascending.</summary>
    public static (long[] Reference, long[] Current) CountValues(double[] x, double[] y)
    {
        List<long> reference = [], current = [];
        for (int i = 0, j = 0; i < x.Length || j < y.Length;)
        {
            var value = j == y.Length || (i < x.Length && x[i] <= y[j]) ? x[i] : y[j];
            int first = i, second = j;
            while (i < x.Length && x[i] == value) i++;
            while (j < y.Length && y[j] == value) j++;
            reference.Add(i - first);
            current.Add(j - second);
        }

        return ([.. reference], [.. current]);
    }

    /// <summary>Integrates |F − G|, or its square.</summary>
    public static double Integrate(double[] x, double[] y, bool isSquared)
    {
        double sum = 0;
        for (int i = 0, j = 0; i < x.Length || j < y.Length;)
        {
            var value = j == y.Length || (i < x.Length && x[i] <= y[j]) ? x[i] : y[j];
            while (i < x.Length && x[i] == value) i++;
            while (j < y.Length && y[j] == value) j++;
            if (i == x.Length && j == y.Length) break;
            var next = j == y.Length || (i < x.Length && x[i] <= y[j]) ? x[i] : y[j];
            var difference = Math.Abs(((double)i / x.Length) - ((double)j / y.Length));
            sum += (isSquared ? difference * difference : difference) * (next - value);
        }

        return sum;
    }

    /// <summary>Gets the population standard deviation.</summary>
    public static double GetDeviation(double[] values)
    {
        var mean = values.Average();
        mean += values.Average(value => value - mean);
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }

    /// <summary>Gets the mid-ranks of x and of y in both together; both ascending.</summary>
    public static (double[] X, double[] Y) GetMidranks(double[] x, double[] y)
    {
        var (first, second) = (new double[x.Length], new double[y.Length]);
        for (int i = 0, j = 0; i < x.Length || j < y.Length;)
        {
            var value = j == y.Length || (i < x.Length && x[i] <= y[j]) ? x[i] : y[j];
            int startX = i, startY = j;
            while (i < x.Length && x[i] == value) i++;
            while (j < y.Length && y[j] == value) j++;
            var rank = (startX + startY + 1 + i + j) / 2.0;
            first.AsSpan(startX, i - startX).Fill(rank);
            second.AsSpan(startY, j - startY).Fill(rank);
        }

        return (first, second);
    }
}
