namespace Mlops.Monitoring;

/// <summary>Draws how many marked items are among some drawn without replacement.</summary>
/// <remarks>One by one for few, by inversion where few marked (or unmarked) ones are expected, otherwise by the normal law, rounded.</remarks>
internal sealed class HypergeometricSampler(ulong seed)
{
    private const int FewDraws = 10;
    private const double LargeVariance = 12;
    private const double Unit = 1.0 / (1UL << 53);

    private ulong _state = seed;
    private double _spare = double.NaN;

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
                if (NextUniform() * total >= marked) continue;
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
        // P(0) = Π (1 − marked/(total − i)), by its middle factor.
        var probability = Math.Exp(draws * Accurate.LogOnePlus(-marked / (total - ((draws - 1) / 2.0))));
        var uniform = NextUniform();
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

    private double NextUniform()
    {
        // SplitMix64 (G. Steele, D. Lea, C. Flood 2014).
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * Unit;
    }

    /// <summary>Draws from the standard normal law by G. Marsaglia's polar method (1964).</summary>
    private double NextNormal()
    {
        if (!double.IsNaN(_spare))
        {
            var spare = _spare;
            _spare = double.NaN;
            return spare;
        }

        while (true)
        {
            double a = (2 * NextUniform()) - 1, b = (2 * NextUniform()) - 1, square = (a * a) + (b * b);
            if (square is >= 1 or 0) continue;
            var factor = Math.Sqrt(-2 * Math.Log(square) / square);
            _spare = b * factor;
            return a * factor;
        }
    }
}
