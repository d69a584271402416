using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>Draws how many marked items are among some drawn without replacement.</summary>
/// <remarks>One by one for few, by inversion where few marked (or unmarked) ones are expected, otherwise by the normal law, rounded.</remarks>
internal sealed class HypergeometricSampler(ulong seed)
{
    private const int FewDraws = 48;
    private const double LargeVariance = 12;
    private const int NormalBits = 12;
    private const int NormalCount = 1 << NormalBits;
    private const int NormalsPerNumber = 64 / NormalBits;

    private const int KnownCount = 256;

    private static readonly double[] s_normal = MakeNormal();

    private readonly (long Draws, long Marked, long Total, double Probability)[] _none = new (long, long, long, double)[KnownCount];

    private SplitMix64 _random = new(seed);
    private ulong _bits;

    /// <summary>Draws once.</summary>
    /// <param name="draws">The number of items drawn.</param>
    /// <param name="marked">The number of items that are marked.</param>
    /// <param name="total">The number of items.</param>
    public long Next(long draws, long marked, long total)
    {
        if (draws == total) return marked;
        if (marked == 0) return 0;
        if (marked == total) return draws;
        // Those not drawn follow the same law.
        if (2 * draws > total) return marked - Next(total - draws, marked, total);
        if (draws <= FewDraws)
        {
            long count = 0;
            for (; draws > 0; draws--, total--)
            {
                if (_random.NextDouble() * total >= marked) continue;
                marked--;
                count++;
            }

            return count;
        }

        if (2 * marked > total) return draws - Next(draws, total - marked, total);
        var share = (double)marked / total;
        var mean = draws * share;
        var variance = mean * (1 - share) * (total - draws) / (total - 1.0);
        if (variance < LargeVariance && mean < 4 * LargeVariance) return Invert(draws, marked, total);
        var value = (long)Math.Round(mean + (Math.Sqrt(variance) * NextNormal()));
        return Math.Clamp(value, 0, Math.Min(draws, marked));
    }

    private long Invert(long draws, long marked, long total)
    {
        var probability = GetNone(draws, marked, total);
        var uniform = _random.NextDouble();
        long count = 0;
        var last = Math.Min(draws, marked);
        while (uniform >= probability && count < last)
        {
            uniform -= probability;
            probability *= (double)(marked - count) * (draws - count) / ((count + 1.0) * (total - marked - draws + count + 1));
            count++;
        }

        return count;
    }

    /// <summary>Gets the probability that none is marked; walks side by side ask for that of about the same number of marked ones in turns.</summary>
    private double GetNone(long draws, long marked, long total)
    {
        ref var known = ref _none[(int)(marked % KnownCount)];
        if (known.Marked != marked || known.Draws != draws || known.Total != total)
        {
            // P(0) = Π (1 − marked/(total − i)). Its error would be one of all probabilities, and so of the tail.
            var probability = Math.Exp(
                Accurate.LogGamma(total - marked + 1.0) + Accurate.LogGamma(total - draws + 1.0) - Accurate.LogGamma(total - marked - draws + 1.0) - Accurate.LogGamma(total + 1.0));
            known = (draws, marked, total, probability);
        }

        return known.Probability;
    }

    /// <summary>Draws from the standard normal law, as one of 4,096 equally likely values.</summary>
    public double NextNormal()
    {
        // Five values from 64 bits; a mark above them tells when they are used up.
        if (_bits <= 1) _bits = (_random.Next() >> 4) | (1UL << 60);
        var value = s_normal[(int)(_bits & (NormalCount - 1))];
        _bits >>= NormalBits;
        return value;
    }

    /// <summary>Fills in draws from the standard normal law, likewise, of the states of <see cref="SplitMix64"/> from one on.</summary>
    public static void FillNormal(Span<double> values, ulong state)
    {
        for (var start = 0; start < values.Length; start += NormalsPerNumber)
        {
            var bits = SplitMix64.Mix(state += SplitMix64.Increment);
            foreach (ref var value in values.Slice(start, Math.Min(NormalsPerNumber, values.Length - start)))
            {
                value = s_normal[(int)(bits & (NormalCount - 1))];
                bits >>= NormalBits;
            }
        }
    }

    private static double[] MakeNormal()
    {
        var values = new double[NormalCount];
        double square = 0;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = -NormalDistribution.UpperQuantile((i + 0.5) / NormalCount);
            square += values[i] * values[i];
        }

        // What the cut tails lack of the variance.
        foreach (ref var value in values.AsSpan()) value /= Math.Sqrt(square / NormalCount);
        return values;
    }
}
