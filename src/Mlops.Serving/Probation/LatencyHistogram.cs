using System.Numerics;

namespace Mlops.Serving;

/// <summary>Durations counted in buckets an eighth of an octave wide. Adding takes one interlocked operation.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 3;

    private readonly long[] _counts = new long[(64 - SubBits + 1) << SubBits];

    public void Add(TimeSpan duration) => Interlocked.Increment(ref _counts[BucketOf(Math.Max(0, duration.Ticks))]);

    /// <summary>Gets a bound that a quantile of the distribution exceeds with a probability of <paramref name="risk"/> at most.</summary>
    /// <remarks>
    /// The r-th smallest of n values lies below the quantile q only if r or more of the n do, of which the probability is at most e^(−n·KL(r/n ‖ q)). The smallest such r is taken, and the upper
    /// end of its bucket. Source: W. R. Thompson (1936) for the order statistic, W. Hoeffding (1963), theorem 1, for the bound of the tail.
    /// </remarks>
    /// <returns>The bound; <see langword="null"/> when there are too few values.</returns>
    public TimeSpan? FindUpperQuantile(double quantile, double risk)
    {
        long count = 0;
        foreach (ref var bucket in _counts.AsSpan()) count += Volatile.Read(ref bucket);
        var needed = -Math.Log(risk);
        if (count == 0 || count * -Math.Log(quantile) < needed) return null;
        long seen = 0;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += Volatile.Read(ref _counts[bucket]);
            if (seen <= quantile * count) continue;
            var part = Math.Min(1, (double)seen / count);
            if (count * Divergence(part, quantile) >= needed) return TimeSpan.FromTicks(UpperEndOf(bucket));
        }

        return null;
    }

    private static double Divergence(double p, double q)
        => (p * Math.Log(p / q)) + (p >= 1 ? 0 : (1 - p) * Math.Log((1 - p) / (1 - q)));

    private static int BucketOf(long ticks)
    {
        if (ticks < 1 << SubBits) return (int)ticks;
        var octave = BitOperations.Log2((ulong)ticks);
        return ((octave - SubBits + 1) << SubBits) + (int)((ticks >> (octave - SubBits)) & ((1 << SubBits) - 1));
    }

    private static long UpperEndOf(int bucket)
    {
        if (bucket < 1 << SubBits) return bucket;
        var shift = (bucket >> SubBits) - 1;
        return (((long)((1 << SubBits) + (bucket & ((1 << SubBits) - 1))) + 1) << shift) - 1;
    }
}
