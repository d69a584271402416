namespace Mlops.Profiles;

/// <summary>Bounds of a number of things of which each was kept with a known probability.</summary>
/// <remarks>
/// <para>With more than 120 kept, the normal approximation of the binomial distribution with a continuity correction. With fewer, the exact tails where
/// that is quick, and else the normal approximation at the number of standard deviations at which it meets the exact bound of the Poisson distribution.</para>
/// <para>Source: the rules and thresholds of Apache DataSketches' binomial bounds (K. Lang), whose tabulated numbers of standard deviations are those
/// computed here, to seven digits; proportions after M. Abramowitz, I. Stegun, "Handbook of Mathematical Functions", 7.1.28 and 26.5.22.</para>
/// </remarks>
internal static class BinomialBounds
{
    private const int FewSamples = 120;

    // The normal distribution's tail beyond 1, 2 and 3 standard deviations, by the approximation of the source.
    private static ReadOnlySpan<double> Tails => [0.1586553191586026479, 0.0227502618904135701, 0.0013498126861731796];

    /// <summary>Gets the lower bound.</summary>
    /// <param name="samples">The number kept.</param>
    /// <param name="probability">The probability of being kept, above 0, at most 1.</param>
    /// <param name="standardDeviations">1, 2 or 3.</param>
    internal static double GetLower(int samples, double probability, int standardDeviations)
    {
        var bound = ApproximateLower(samples, probability, standardDeviations);
        return Math.Min(samples / probability, Math.Max(samples, bound));
    }

    /// <summary>Gets the upper bound.</summary>
    /// <param name="samples">The number kept.</param>
    /// <param name="probability">The probability of being kept, above 0, at most 1.</param>
    /// <param name="standardDeviations">1, 2 or 3.</param>
    internal static double GetUpper(int samples, double probability, int standardDeviations)
        => Math.Max(samples / probability, ApproximateUpper(samples, probability, standardDeviations));

    /// <summary>Bounds the share of successes below, from a number of them in a sample.</summary>
    internal static double GetLowerShare(int trials, int successes, double standardDeviations)
    {
        if (successes == 0) return 0;
        if (successes == 1) return 1 - Math.Pow(1 - Tail(standardDeviations), 1.0 / trials);
        if (successes == trials) return Math.Pow(Tail(standardDeviations), 1.0 / trials);
        return 1 - InverseBeta(trials - successes + 1, successes, -standardDeviations);
    }

    /// <summary>Bounds the share of successes above, from a number of them in a sample.</summary>
    internal static double GetUpperShare(int trials, int successes, double standardDeviations)
    {
        if (successes == trials) return 1;
        if (successes == trials - 1) return Math.Pow(1 - Tail(standardDeviations), 1.0 / trials);
        if (successes == 0) return 1 - Math.Pow(Tail(standardDeviations), 1.0 / trials);
        return 1 - InverseBeta(trials - successes, successes + 1, standardDeviations);
    }

    /// <summary>Gets the number of standard deviations at which the normal bound below meets the Poisson distribution's.</summary>
    internal static double EquivalentLower(int samples, double tail)
    {
        // The rate at which as many or more are as improbable as the tail.
        var rate = Solve(0, samples + 1, rate => 1 - PoissonAtMost(samples - 1, rate) < tail);
        return (samples - 0.5 - rate) / Math.Sqrt(rate);
    }

    /// <summary>Gets the number of standard deviations at which the normal bound above meets the Poisson distribution's.</summary>
    internal static double EquivalentUpper(int samples, double tail)
    {
        var rate = Solve(samples, samples + 60 + (8 * Math.Sqrt(samples)), rate => PoissonAtMost(samples, rate) > tail);
        return (rate - samples - 0.5) / Math.Sqrt(rate);
    }

    private static double ApproximateLower(int samples, double probability, int standardDeviations)
    {
        if (probability >= 1) return samples;
        if (samples == 0) return 0;
        var tail = Tails[standardDeviations - 1];
        if (samples == 1) return Math.Floor(Math.Log(1 - tail) / Math.Log(1 - probability));
        if (samples > FewSamples) return Normal(samples - 0.5, probability, -standardDeviations) - 0.5;
        if (probability > 1 - 1e-5) return samples;
        if (probability < samples / 360.0) return Normal(samples - 0.5, probability, -EquivalentLower(samples, tail)) - 0.5;

        // The largest number of which so many or more are kept less often than the tail.
        var term = Math.Pow(probability, samples);
        var total = term;
        var number = samples;
        while (total <= tail)
        {
            term = term * (1 - probability) * number / (number + 1 - samples);
            total += term;
            number++;
        }

        return number - 1;
    }

    private static double ApproximateUpper(int samples, double probability, int standardDeviations)
    {
        if (probability >= 1) return samples;
        var tail = Tails[standardDeviations - 1];
        if (samples == 0) return Math.Ceiling(Math.Log(tail) / Math.Log(1 - probability));
        if (samples > FewSamples) return Normal(samples + 0.5, probability, standardDeviations) + 0.5;
        if (probability > 1 - 1e-5) return samples + 1;
        if (probability < samples / 360.0) return Normal(samples + 0.5, probability, EquivalentUpper(samples, tail)) + 0.5;

        // The smallest number of which more are kept more often than not the tail.
        var more = samples + 1;
        var term = Math.Pow(probability, more);
        var total = term;
        var number = more;
        while (total < 1 - tail)
        {
            term = term * (1 - probability) * number / (number + 1 - more);
            total += term;
            number++;
        }

        return number;
    }

    /// <summary>Solves (x·p − samples)² = s²·x·p·(1 − p) for x: below for negative s, above for positive.</summary>
    private static double Normal(double samples, double probability, double standardDeviations)
    {
        var estimate = samples / probability;
        var spread = standardDeviations * Math.Sqrt((1 - probability) / probability);
        return estimate + (0.5 * spread * spread) + (0.5 * spread * Math.Sqrt((spread * spread) + (4 * estimate)));
    }

    private static double PoissonAtMost(int count, double rate)
    {
        var term = Math.Exp(-rate);
        var total = term;
        for (var i = 1; i <= count; i++)
        {
            term *= rate / i;
            total += term;
        }

        return total;
    }

    private static double Solve(double low, double high, Func<double, bool> isBelow)
    {
        for (var i = 0; i < 100; i++)
        {
            var middle = (low + high) / 2;
            if (isBelow(middle)) low = middle;
            else high = middle;
        }

        return low;
    }

    /// <summary>The normal distribution's tail, by 7.1.28.</summary>
    private static double Tail(double standardDeviations)
    {
        var x = standardDeviations / Math.Sqrt(2);
        var sum = 1 + (x * (0.0705230784 + (x * (0.0422820123 + (x * (0.0092705272 + (x * (0.0001520143 + (x * (0.0002765672 + (x * 0.0000430638)))))))))));
        return 0.5 * Math.Pow(sum, -16);
    }

    /// <summary>The inverse of the incomplete beta function, by 26.5.22, in the names of the handbook.</summary>
    private static double InverseBeta(double a, double b, double yp)
    {
        var lambda = ((yp * yp) - 3) / 6;
        var h = 2 / ((1 / ((2 * a) - 1)) + (1 / ((2 * b) - 1)));
        var w = (yp * Math.Sqrt(h + lambda) / h) - (((1 / ((2 * b) - 1)) - (1 / ((2 * a) - 1))) * (lambda + (5.0 / 6) - (2 / (3 * h))));
        return a / (a + (b * Math.Exp(2 * w)));
    }
}
