namespace Mlops.Monitoring;

/// <summary>A divergence between the shares of two samples in the same bins, in nats.</summary>
internal abstract class BinnedDivergence
{
    /// <summary>Gets the factor c: without drift the divergence is about c·(1/n + 1/m) times a chi-squared value with one degree of freedom less than there are bins.</summary>
    public abstract double Factor { get; }

    /// <summary>Gets the largest value; infinity where there is none.</summary>
    public virtual double Maximum => double.PositiveInfinity;

    /// <summary>Computes the divergence, and its derivatives by the shares where room for them is given.</summary>
    /// <param name="reference">The counts of the reference, shape (K).</param>
    /// <param name="current">The counts of the current data, shape (K); no bin is empty on both sides.</param>
    /// <param name="n">The sum of the reference counts.</param>
    /// <param name="m">The sum of the current counts.</param>
    /// <param name="byReference">The derivatives by the shares of the reference, shape (K) or empty.</param>
    /// <param name="byCurrent">The derivatives by the current shares, shape (K) or empty.</param>
    public abstract double Get(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double n, double m, Span<double> byReference = default, Span<double> byCurrent = default);

    /// <summary>Gets the variance of the divergence, by its derivatives (delta method).</summary>
    public double GetVariance(CategoryTable table)
    {
        var (byReference, byCurrent) = (new double[table.CategoryCount], new double[table.CategoryCount]);
        Get(table.Reference, table.Current, table.ReferenceCount, table.CurrentCount, byReference, byCurrent);
        return GetVariance(table.Reference, table.ReferenceCount, byReference) + GetVariance(table.Current, table.CurrentCount, byCurrent);
    }

    private static double GetVariance(long[] counts, double count, double[] derivatives)
    {
        double mean = 0, squares = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            var share = counts[i] / count;
            mean += share * derivatives[i];
            squares += share * derivatives[i] * derivatives[i];
        }

        return Math.Max(0, squares - (mean * mean)) / count;
    }
}
