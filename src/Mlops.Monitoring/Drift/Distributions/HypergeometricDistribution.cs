using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>How many of <c>drawn</c> rows come from the first of two groups when they are drawn without replacement.</summary>
/// <remarks>Probabilities come from their ratios, outwards from the most likely number, so that small ones keep their digits.</remarks>
internal sealed class HypergeometricDistribution(long first, long second, long drawn)
{
    private const int MaximumSequentialDraws = 12;
    private const double NormalDeviation = 200;

    // Below it, a number times a ratio near 1 may round to itself for ever.
    private const double SmallestWeight = 1e-307;

    public long Minimum { get; } = Math.Max(0, drawn - second);

    public long Maximum { get; } = Math.Min(first, drawn);

    private long Mode { get; } = GetMode(first, second, drawn);

    /// <summary>Gets all numbers with their probabilities, from the most likely one to either end, but for those too unlikely for a double.</summary>
    public IEnumerable<(long Value, double Probability)> Enumerate()
    {
        double sum = 0;
        foreach (var (_, weight) in EnumerateWeights()) sum += weight;
        foreach (var (value, weight) in EnumerateWeights()) yield return (value, weight / sum);
    }

    private IEnumerable<(long Value, double Weight)> EnumerateWeights()
    {
        yield return (Mode, 1);
        double weight = 1;
        for (var value = Mode; value < Maximum && weight > SmallestWeight; value++)
        {
            weight *= GetRatio(first, second, drawn, value);
            yield return (value + 1, weight);
        }

        weight = 1;
        for (var value = Mode; value > Minimum && weight > SmallestWeight; value--)
        {
            weight /= GetRatio(first, second, drawn, value - 1);
            yield return (value - 1, weight);
        }
    }

    /// <summary>Draws a number; beyond a standard deviation of 200, where steps of 1 do not matter, from the normal law.</summary>
    public static long Draw(long first, long second, long drawn, ref SplitMix64 random)
    {
        long minimum = Math.Max(0, drawn - second), maximum = Math.Min(first, drawn);
        if (minimum == maximum) return minimum;
        if (drawn <= MaximumSequentialDraws) return DrawOneByOne(first, second, drawn, ref random);
        double total = (double)first + second, share = first / total;
        var variance = drawn * share * (1 - share) * ((total - drawn) / (total - 1));
        if (variance > NormalDeviation * NormalDeviation)
            return Math.Clamp((long)Math.Round((drawn * share) + (Math.Sqrt(variance) * NormalDistribution.UpperQuantile(1 - random.NextDouble()))), minimum, maximum);

        // Inversion, outwards from the mode.
        var mode = GetMode(first, second, drawn);
        var probability = Math.Exp(LogChoose(first, mode) + LogChoose(second, drawn - mode) - LogChoose(first + second, drawn));
        var left = random.NextDouble() - probability;
        if (left < 0) return mode;
        double up = probability, down = probability;
        for (long above = mode, below = mode; above < maximum || below > minimum;)
        {
            if (above < maximum)
            {
                up *= GetRatio(first, second, drawn, above++);
                if ((left -= up) < 0) return above;
            }

            if (below > minimum)
            {
                down /= GetRatio(first, second, drawn, --below);
                if ((left -= down) < 0) return below;
            }
        }

        return mode;
    }

    private static long DrawOneByOne(long first, long second, long drawn, ref SplitMix64 random)
    {
        long hits = 0;
        for (; drawn > 0; drawn--)
        {
            if (random.NextDouble() * ((double)first + second) < first)
            {
                first--;
                hits++;
            }
            else
            {
                second--;
            }
        }

        return hits;
    }

    private static long GetMode(long first, long second, long drawn)
        => Math.Clamp((long)Math.Floor(((double)drawn + 1) * ((double)first + 1) / ((double)first + second + 2)), Math.Max(0, drawn - second), Math.Min(first, drawn));

    /// <summary>Gets P(value + 1)/P(value).</summary>
    private static double GetRatio(long first, long second, long drawn, long value)
        => ((double)first - value) * ((double)drawn - value) / ((value + 1.0) * ((double)second - drawn + value + 1));

    private static double LogChoose(long n, long k) => Accurate.LogFactorial(n) - Accurate.LogFactorial(k) - Accurate.LogFactorial(n - k);
}
