namespace Mlops.Monitoring;

/// <summary>What tests on numbers share.</summary>
internal static class OrderTests
{
    /// <summary>Gets both samples at a size where squares neither overflow nor vanish, and the exponent of the power of two that they were multiplied by.</summary>
    public static (double[] X, double[] Y, int Exponent) Scale(SortedSample reference, SortedSample current)
    {
        var exponent = SafeScale.GetExponent(reference.Values, current.Values);
        return (SafeScale.Multiply(reference.Values, exponent), SafeScale.Multiply(current.Values, exponent), exponent);
    }

    /// <summary>Gets the moments of the reference in a scale of its own, so that larger values elsewhere do not make its squares vanish, and the exponent of that scale.</summary>
    public static (SampleMoments Moments, int Exponent) GetOwnMoments(SortedSample reference)
    {
        var exponent = SafeScale.GetExponent(reference.Values, []);
        return (SampleMoments.From(SafeScale.Multiply(reference.Values, exponent)), exponent);
    }

    /// <summary>Gets the pooled value of a rank from 0.</summary>
    public static double GetPooled(double[] x, double[] y, long rank)
    {
        var (i, j) = Split(x, y, rank);
        return i == x.Length ? y[j] : j == y.Length ? x[i] : Math.Min(x[i], y[j]);
    }

    /// <summary>Gets how many of the first <paramref name="count"/> pooled values are from each sample; among equal ones, those of the reference come first.</summary>
    public static (int X, int Y) Split(double[] x, double[] y, long count)
    {
        int low = (int)Math.Max(0, count - y.Length), high = (int)Math.Min(count, x.Length);
        while (low < high)
        {
            var i = low + ((high - low) / 2);
            var j = (int)(count - i);
            // Too few of the reference, when its next value comes before the last one taken from the current sample.
            if (j > 0 && x[i] <= y[j - 1]) low = i + 1;
            else high = i;
        }

        return (low, (int)(count - low));
    }

    /// <summary>Gets the pooled quantile, interpolated linearly.</summary>
    public static double GetPooledQuantile(double[] x, double[] y, double probability)
    {
        var position = probability * ((double)x.Length + y.Length - 1);
        var rank = (long)position;
        var value = GetPooled(x, y, rank);
        return position == rank ? value : value + ((position - rank) * (GetPooled(x, y, rank + 1) - value));
    }
}
