using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>The exact interval of a probability from a count, and the tail of the count.</summary>
/// <remarks>Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934). Covers at least with the stated probability, whatever the true one.</remarks>
internal static class BinomialInterval
{
    /// <summary>Gets the probability of at least <paramref name="successes"/> in so many trials.</summary>
    public static double UpperTail(long successes, long trials, double probability)
    {
        if (successes <= 0) return 1;
        if (successes > trials || probability <= 0) return 0;
        return probability >= 1 ? 1 : IncompleteBeta.Regularized(successes, trials - successes + 1, (1 - probability) / probability);
    }

    /// <summary>Gets the interval of the probability.</summary>
    public static ConfidenceInterval Get(long successes, long trials, double level)
    {
        var tail = (1 - level) / 2;
        // The tail grows with the probability: fewer than so many is one less at least so many.
        var lower = successes == 0 ? 0 : Find(p => UpperTail(successes, trials, p) < tail);
        var upper = successes == trials ? 1 : Find(p => 1 - UpperTail(successes + 1, trials, p) > tail);
        return new ConfidenceInterval(lower, upper, level);
    }

    private static double Find(Func<double, bool> isBelow)
    {
        double low = 0, high = 1;
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (isBelow(middle)) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }
}
