using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>The different values of two samples taken together, and what the Anderson–Darling statistic can be on them when labels are shuffled.</summary>
/// <remarks>
/// With few different values A² by mid-ranks keeps its mean but not its law: of two equally frequent values it is that of χ² with one degree of freedom, whose variance is 3.4 times as large.
/// Each shuffle deals the smaller sample's labels value by value by the hypergeometric law, so ties have their exact effect. Neighbouring values that are both rare are taken together, but in the tails.
/// </remarks>
internal sealed class TiedValues
{
    /// <summary>The probability that two of all values are equal from which on the law of values without ties no longer holds: it is then off by at most 2 % of its variance.</summary>
    private const double LargestTieRatio = 0.002;

    private const int TailValues = 24;
    private const int MiddleCells = 256;

    private readonly List<long> _cells = [];
    private readonly long _smaller;
    private readonly long _total;

    private TiedValues(List<long> counts, long smaller, long total)
    {
        (_smaller, _total) = (smaller, total);
        long gathered = 0;
        for (var i = 0; i < counts.Count; i++)
        {
            gathered += counts[i];
            var isTail = i < TailValues || i >= counts.Count - 1 - TailValues;
            var isNextRare = i + 1 < counts.Count && MiddleCells * (gathered + counts[i + 1]) <= total;
            if (!isTail && isNextRare) continue;
            _cells.Add(gathered);
            gathered = 0;
        }
    }

    /// <summary>Counts the different values; <see langword="null"/> when so few are equal that it makes no difference.</summary>
    public static TiedValues? Find(double[] x, double[] y)
    {
        double total = (double)x.Length + y.Length, pairs = 0;
        var counts = new List<long>();
        var steps = new PooledSteps(x, y);
        while (steps.MoveNext())
        {
            var at = (long)steps.At + steps.AtCurrent;
            counts.Add(at);
            pairs += at * (at - 1.0);
        }

        return pairs <= LargestTieRatio * total * (total - 1) ? null : new TiedValues(counts, Math.Min(x.Length, y.Length), (long)total);
    }

    /// <summary>Simulates the law of the root of A², which is a norm, by mid-ranks.</summary>
    /// <param name="seed">The seed of the test; the counts have a part in that of the shuffles, for with one seed for all of them, chance would err to the same side.</param>
    public PermutationLaw Simulate(ulong seed)
    {
        foreach (var cell in _cells) seed = SplitMix64.Mix(seed ^ (ulong)cell) + SplitMix64.Increment;
        double total = _total, smaller = _smaller, factor = ((1 / smaller) + (1 / (total - smaller))) * (total - 1) / total;
        var weights = new double[_cells.Count];
        var middles = new double[_cells.Count];
        double below = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            var (at, middle) = (_cells[i], below + (_cells[i] / 2.0));
            middles[i] = middle * smaller;
            weights[i] = factor * at / total / ((middle * (total - middle)) - (total * at / 4));
            below += at;
        }

        return PermutationLaw.Create(sampler => Math.Sqrt(Deal(weights, middles, sampler)), seed);
    }

    private double Deal(double[] weights, double[] middles, HypergeometricSampler sampler)
    {
        double sum = 0;
        long left = _smaller, remaining = _total;
        for (var i = 0; i < weights.Length; i++)
        {
            var dealt = sampler.Next(_cells[i], left, remaining);
            var difference = (_total * (_smaller - left + (dealt / 2.0))) - middles[i];
            sum += weights[i] * difference * difference;
            left -= dealt;
            remaining -= _cells[i];
        }

        return sum;
    }
}
