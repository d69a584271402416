namespace Mlops.Monitoring;

/// <summary>The law, without drift, of a distance ∫ |F − G|ᵖ dx between two samples: what shuffling the labels of the pooled values would give.</summary>
/// <remarks>
/// <para>A shuffle is simulated as the walk of F − G over the pooled values. The walk steps from value to value where gaps are wide, as in the tails, and leaps over many close values
/// by the hypergeometric law; in between F − G is taken as a straight line. So its cost does not grow with the samples, and outliers and uneven counts keep their exact effect,
/// which the Brownian bridge of the limit would smooth away. Up to <see cref="MaximumCells"/> pooled values, it is the permutation test itself.</para>
/// <para>Beyond the tenth of the simulated distances that are largest, the tail is that of a normal law (the distance is a norm of a Gaussian process, so its tail is Gaussian:
/// C. Borell 1975), fitted to their mean excess. Deterministic: the seed is fixed, and the order of values has no influence.</para>
/// </remarks>
internal sealed class PermutationLaw
{
    private const int Shuffles = 2000;
    private const int MaximumCells = 160;
    private const int TailValues = 48;
    private const int Candidates = 1200;
    private const double TailRatio = 0.1;

    private readonly double[] _simulated;
    private readonly double _tailStart;
    private readonly double _tailDeviation;

    private PermutationLaw(double[] simulated)
    {
        Array.Sort(simulated);
        _simulated = simulated;
        var first = simulated.Length - (int)(TailRatio * simulated.Length);
        _tailStart = simulated[first - 1];
        double excess = 0;
        for (var i = first; i < simulated.Length; i++) excess += simulated[i] - _tailStart;
        excess /= simulated.Length - first;
        _tailDeviation = excess > 0 ? FitDeviation(_tailStart, excess) : 0;
    }

    /// <summary>Simulates the law.</summary>
    /// <param name="x">The reference, sorted and finite.</param>
    /// <param name="y">The current sample, likewise.</param>
    /// <param name="isSquared">Whether the distance is √∫ (F − G)² and not ∫ |F − G|.</param>
    /// <param name="seed">The seed of the shuffles.</param>
    public static PermutationLaw Create(double[] x, double[] y, bool isSquared, ulong seed)
    {
        var (ranks, values) = GetCells(x, y);
        var sampler = new HypergeometricSampler(seed);
        var simulated = new double[Shuffles];
        for (var i = 0; i < simulated.Length; i++)
        {
            var distance = Walk(ranks, values, x.Length, y.Length, isSquared, sampler);
            simulated[i] = isSquared ? Math.Sqrt(distance) : distance;
        }

        return new PermutationLaw(simulated);
    }

    /// <summary>Gets the probability of a distance of at least <paramref name="distance"/>.</summary>
    public double UpperTail(double distance)
    {
        // Equal distances may differ in the last digits with the order of the sum.
        var index = Array.BinarySearch(_simulated, distance * (1 - 1e-9));
        var first = index < 0 ? ~index : index;
        while (first > 0 && _simulated[first - 1] >= distance * (1 - 1e-9)) first--;
        var share = (1.0 + _simulated.Length - first) / (1 + _simulated.Length);
        if (!(distance > _tailStart) || _tailDeviation == 0) return share;
        return GetStartTail() * NormalDistribution.UpperTail(distance / _tailDeviation) / NormalDistribution.UpperTail(_tailStart / _tailDeviation);
    }

    /// <summary>Gets the distance that is exceeded with the given probability.</summary>
    public double UpperQuantile(double probability)
    {
        var rank = (int)Math.Ceiling((1 - probability) * (_simulated.Length + 1)) - 1;
        if (probability >= TailRatio || _tailDeviation == 0) return _simulated[Math.Clamp(rank, 0, _simulated.Length - 1)];
        return _tailDeviation * NormalDistribution.UpperQuantile(probability / GetStartTail() * NormalDistribution.UpperTail(_tailStart / _tailDeviation));
    }

    private double GetStartTail() => (1.0 + (int)(TailRatio * _simulated.Length)) / (1 + _simulated.Length);

    /// <summary>Finds the deviation of a normal law whose values above a start exceed it by a given mean.</summary>
    private static double FitDeviation(double start, double excess)
    {
        double low = 1e-3, high = 1e6;
        for (var i = 0; i < 200; i++)
        {
            // In units of the start; the mean excess of a normal tail grows with the deviation.
            var middle = Math.Sqrt(low * high);
            var z = 1 / middle;
            // The tails of very small deviations vanish, and their excess is the square of the deviation.
            var mean = z > 30 ? middle * middle : (middle * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) / NormalDistribution.UpperTail(z)) - 1;
            if (mean * start < excess) low = middle;
            else high = middle;
        }

        return Math.Min(high, 1e6) * start;
    }

    /// <summary>Gets the ranks, from 1, at which the walk stops, and the pooled values there.</summary>
    private static (long[] Ranks, double[] Values) GetCells(double[] x, double[] y)
    {
        var total = (long)x.Length + y.Length;
        var ranks = GetCandidates(total);
        var values = Array.ConvertAll(ranks, rank => OrderTests.GetPooled(x, y, rank - 1));
        if (ranks.Length <= MaximumCells) return (ranks, values);

        // Leaps are as long as their part of the expected distance is small.
        var parts = new double[ranks.Length];
        double sum = 0;
        for (var i = 0; i + 1 < ranks.Length; i++)
        {
            var u = ((double)ranks[i] + ranks[i + 1]) / 2 / total;
            parts[i] = Math.Sqrt(u * (1 - u)) * (values[i + 1] - values[i]);
            sum += parts[i];
        }

        var (keptRanks, keptValues) = (new List<long> { ranks[0] }, new List<double> { values[0] });
        double gathered = 0;
        for (var i = 0; i + 1 < ranks.Length; i++)
        {
            // A wide gap begins and ends its own cell.
            if (gathered > 0 && gathered + parts[i] > sum / (MaximumCells - 40))
            {
                if (keptRanks[^1] != ranks[i])
                {
                    keptRanks.Add(ranks[i]);
                    keptValues.Add(values[i]);
                }

                gathered = 0;
            }

            gathered += parts[i];
        }

        keptRanks.Add(ranks[^1]);
        keptValues.Add(values[^1]);
        return ([.. keptRanks], [.. keptValues]);
    }

    internal static long[] GetCandidates(long total)
    {
        if (total <= Candidates)
        {
            var all = new long[total];
            for (var i = 0; i < all.Length; i++) all[i] = i + 1;
            return all;
        }

        var ranks = new SortedSet<long>();
        for (var i = 1; i <= TailValues; i++)
        {
            ranks.Add(i);
            ranks.Add(total + 1 - i);
        }

        var middle = Candidates - (2 * TailValues);
        for (var i = 0; i <= middle; i++) ranks.Add(TailValues + (long)((total - (2.0 * TailValues)) * i / middle));
        return [.. ranks.Where(rank => rank >= 1 && rank <= total)];
    }

    private static double Walk(long[] ranks, double[] values, long n, long m, bool isSquared, HypergeometricSampler sampler)
    {
        long left = n, taken = 0;
        double distance = 0, previous = 0, total = (double)n + m, scale = total / ((double)n * m);
        for (var i = 0; i < ranks.Length; i++)
        {
            var length = ranks[i] - (i == 0 ? 0 : ranks[i - 1]);
            var drawn = sampler.Next(length, left, n + m - (i == 0 ? 0 : ranks[i - 1]));
            left -= drawn;
            taken += drawn;
            // F − G = (taken − rank·n/N)·N/(nm).
            var difference = (taken - (ranks[i] * (double)n / total)) * scale;
            if (i > 0)
            {
                var gap = values[i] - values[i - 1];
                distance += gap * (length == 1 ? (isSquared ? previous * previous : Math.Abs(previous)) : GetMean(previous, difference, isSquared));
            }

            previous = difference;
        }

        return distance;
    }

    /// <summary>Gets the mean of |d| or d² along a straight line from a to b.</summary>
    private static double GetMean(double a, double b, bool isSquared)
    {
        if (isSquared) return ((a * a) + (a * b) + (b * b)) / 3;
        return a * b >= 0 ? (Math.Abs(a) + Math.Abs(b)) / 2 : ((a * a) + (b * b)) / (2 * Math.Abs(a - b));
    }
}
