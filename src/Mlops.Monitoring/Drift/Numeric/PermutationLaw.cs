namespace Mlops.Monitoring;

/// <summary>The law, without drift, of a distance ∫ |F − G|ᵖ dx between two samples: what shuffling the labels of the pooled values would give.</summary>
/// <remarks>
/// <para>A shuffle is simulated as the walk of F − G over the pooled values. The walk steps from value to value where gaps are wide, as in the tails, and leaps over many close values
/// by the hypergeometric law; in between F − G is taken as a straight line. So its cost does not grow with the samples, and outliers and uneven counts keep their exact effect,
/// which the Brownian bridge of the limit would smooth away. Up to <see cref="ShuffleStep.MaximumSteps"/> pooled values, it is the permutation test itself.</para>
/// <para>Beyond the tenth of the simulated distances that are largest, the tail is that of a normal law (the distance is a norm of a Gaussian process, so its tail is Gaussian:
/// C. Borell 1975), fitted to their mean excess. Deterministic: the shuffles follow from the seed and from how the samples lie among each other; neither the order of values nor their scale has an influence.</para>
/// </remarks>
internal sealed class PermutationLaw
{
    private const int Shuffles = 2000;
    private const double TailRatio = 0.1;

    /// <summary>Equal distances may differ in the last digits with the order of the sum, by so much of their size.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>The number of simulated distances from which on their share is the p-value.</summary>
    private const int CountedValues = 20;

    /// <summary>The largest start of the tail in its deviations.</summary>
    private const double LargestTailStart = 20;

    private readonly double[] _simulated;
    private readonly double _tailStart;
    private readonly double _tailExcess;

    /// <summary>The deviation of the normal tail; 0 where the values hardly spread, and the tail is exponential.</summary>
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
        _tailExcess = excess;
        _tailDeviation = excess > _tailStart / (LargestTailStart * LargestTailStart) ? FitDeviation(_tailStart, excess) : 0;
    }

    /// <summary>Simulates the law.</summary>
    /// <param name="grid">The pooled values.</param>
    /// <param name="n">The number of reference values.</param>
    /// <param name="m">The number of current values.</param>
    /// <param name="isSquared">Whether the distance is √∫ (F − G)² and not ∫ |F − G|.</param>
    /// <param name="seed">The seed of the test, to which the samples add theirs.</param>
    public static PermutationLaw Create(PooledGrid grid, int n, int m, bool isSquared, ulong seed)
    {
        var simulated = new double[Shuffles];
        ShuffleWalks.Simulate(ShuffleStep.Plan(grid, n, m), n, m, isSquared, grid.GetSeed(seed), simulated);
        if (isSquared)
        {
            foreach (ref var distance in simulated.AsSpan()) distance = Math.Sqrt(distance);
        }

        return new PermutationLaw(simulated);
    }

    /// <summary>Simulates the law of another distance.</summary>
    /// <param name="draw">Draws the distance of one shuffle.</param>
    /// <param name="seed">The seed of the shuffles.</param>
    public static PermutationLaw Create(Func<HypergeometricSampler, double> draw, ulong seed)
    {
        var sampler = new HypergeometricSampler(seed);
        var simulated = new double[Shuffles];
        for (var i = 0; i < simulated.Length; i++) simulated[i] = draw(sampler);
        return new PermutationLaw(simulated);
    }

    /// <summary>Gets the largest simulated distance.</summary>
    public double Largest => _simulated[^1];

    /// <summary>Gets the probability of a distance of at least <paramref name="distance"/>.</summary>
    public double UpperTail(double distance)
    {
        var least = distance * (1 - Tolerance);
        var index = Array.BinarySearch(_simulated, least);
        var first = index < 0 ? ~index : index;
        while (first > 0 && _simulated[first - 1] >= least) first--;
        var count = _simulated.Length - first;
        var share = (1.0 + count) / (1 + _simulated.Length);
        // Counted shares are right also where distances take few values, as with ties.
        if (count >= CountedValues || !(_tailExcess > 0)) return share;
        return Math.Max((double)count / _simulated.Length, GetAnchorShare() * GetTail(distance) / GetTail(GetAnchor()));
    }

    /// <summary>Gets the distance from which on <see cref="UpperTail"/> is at most the given probability; infinity where the simulated ones cannot tell.</summary>
    public double UpperQuantile(double probability)
    {
        if (probability >= GetAnchorShare() || !(_tailExcess > 0)) return SimulatedLimit.Find(_simulated, probability) * (1 + (2 * Tolerance));
        var tail = probability / GetAnchorShare() * GetTail(GetAnchor());
        return _tailDeviation > 0 ? _tailDeviation * NormalDistribution.UpperQuantile(tail) : _tailStart - (_tailExcess * Math.Log(tail));
    }

    /// <summary>Gets where counting ends.</summary>
    private double GetAnchor() => _simulated[^CountedValues];

    private double GetAnchorShare() => (1.0 + CountedValues) / (1 + _simulated.Length);

    /// <summary>Gets the tail but for a factor.</summary>
    private double GetTail(double distance) => _tailDeviation > 0
        ? NormalDistribution.UpperTail(distance / _tailDeviation)
        : Math.Exp((_tailStart - distance) / _tailExcess);

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
}
