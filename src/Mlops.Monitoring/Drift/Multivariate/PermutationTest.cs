using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>What a statistic was for the rows as they were (first) and for their permutations.</summary>
internal static class PermutationTest
{
    private const int MostPermutations = 20_000;

    /// <summary>Computes (1 + the number of permutations with a statistic at least as large) / (1 + their number); never 0.</summary>
    /// <param name="statistics">The statistic as observed, then those of the permutations.</param>
    /// <param name="tolerance">How much equal statistics may differ by rounding.</param>
    /// <remarks>Source: B. Phipson, G. K. Smyth, "Permutation p-values should never be zero", 2010.</remarks>
    public static double GetPValue(ReadOnlySpan<double> statistics, double tolerance) => (1.0 + CountAtLeast(statistics, tolerance)) / statistics.Length;

    public static int CountAtLeast(ReadOnlySpan<double> statistics, double tolerance)
    {
        var count = 0;
        foreach (var permuted in statistics[1..]) count += permuted >= statistics[0] - tolerance ? 1 : 0;
        return count;
    }

    /// <summary>Finds the statistic that a share of the permutations is above at most.</summary>
    public static double GetUpperQuantile(ReadOnlySpan<double> statistics, double share)
    {
        var permuted = statistics[1..].ToArray();
        Array.Sort(permuted);
        return permuted[Math.Clamp((int)Math.Ceiling((1 - share) * statistics.Length) - 1, 0, permuted.Length - 1)];
    }

    /// <summary>Finds the statistic from which on the p-value is at most the significance; infinity where so few permutations cannot tell.</summary>
    /// <param name="statistics">The statistic as observed, then those of the permutations.</param>
    /// <param name="tolerance">How much equal statistics may differ by rounding.</param>
    /// <param name="significance">The significance.</param>
    public static double GetCritical(ReadOnlySpan<double> statistics, double tolerance, double significance)
    {
        var permuted = statistics[1..].ToArray();
        Array.Sort(permuted);
        return SimulatedLimit.Find(permuted, significance) + (2 * tolerance);
    }

    /// <summary>Tells whether there are enough permutations for a p-value below the significance.</summary>
    public static bool CanReach(int permutations, double significance) => significance * (permutations + 1) >= 1;

    /// <summary>Computes the p-value by the permutations, or by a bound where they are too few for the significance and none has as large a statistic.</summary>
    /// <remarks>What is significant by the permutations stays so, and what is beyond them is so by the bound: both keep to the false-alarm rate, each where it decides.</remarks>
    public static double GetPValue(ReadOnlySpan<double> statistics, double tolerance, double significance, double bound)
    {
        var pValue = GetPValue(statistics, tolerance);
        return !CanReach(statistics.Length - 1, significance) && CountAtLeast(statistics, tolerance) == 0 ? Math.Min(pValue, bound) : pValue;
    }

    /// <summary>The interval of the length of a difference that is known but for noise, whose length the permutations tell.</summary>
    /// <param name="lengths">The length as observed, then those of the permutations.</param>
    /// <param name="scale">What a length is divided by to be an effect.</param>
    /// <param name="effect">The effect, which the interval includes.</param>
    /// <param name="level">The probability.</param>
    /// <remarks>By the triangle inequality, a length is off by no more than the length of its noise: the interval holds the true one at least as often as it says.</remarks>
    public static ConfidenceInterval GetInterval(ReadOnlySpan<double> lengths, double scale, double effect, double level)
    {
        var noise = GetUpperQuantile(lengths, 1 - level);
        return new ConfidenceInterval(Math.Min(effect, Math.Max(0, lengths[0] - noise) / scale), Math.Max(effect, (lengths[0] + noise) / scale), level);
    }

    /// <summary>Gets the number of permutations: so many that a p-value can be below the significance, for else the test could never find anything.</summary>
    public static int GetCount(int permutations, DriftTestOptions options) => Math.Max(permutations, (int)Math.Min(MostPermutations, Math.Ceiling(2 / options.Significance)));

    public static int RequirePermutations(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 19);
        return value;
    }

    public static int RequireRows(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 10_000);
        return value;
    }
}
