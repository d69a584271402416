namespace Mlops.Serving;

/// <summary>Tells whether the ratio of failures exceeds a guard, and may be asked after every call without being wrong more often.</summary>
/// <remarks>
/// <para>The likelihood of what was seen under a higher ratio over that under the guard is, while the true ratio is within the guard, a supermartingale that begins at 1, and so is the mean over several
/// higher ratios. By Ville's inequality it ever reaches 1/α with probability α at most. Assumes calls that fail independently of one another.</para>
/// <para>Source: J. Ville (1939); the mixture of likelihood ratios is H. Robbins's (1970), with ratios in fixed steps of the odds.</para>
/// </remarks>
internal static class SequentialRatioTest
{
    private static readonly double[] s_oddsFactors = [1.5, 2, 3, 5, 10, 30, 100, 1000];

    /// <summary>Decides.</summary>
    /// <param name="failures">The failures so far.</param>
    /// <param name="calls">The calls so far, failures included.</param>
    /// <param name="guard">The ratio that must not be exceeded, from 0 to 1.</param>
    /// <param name="risk">The probability of an error, between 0 and 1.</param>
    public static bool IsExceeded(long failures, long calls, double guard, double risk)
    {
        if (failures == 0 || guard >= 1) return false;
        if (guard <= 0) return true;
        var largest = double.NegativeInfinity;
        Span<double> logs = stackalloc double[s_oddsFactors.Length];
        for (var i = 0; i < logs.Length; i++)
        {
            var odds = guard / (1 - guard) * s_oddsFactors[i];
            var ratio = odds / (1 + odds);
            logs[i] = (failures * Math.Log(ratio / guard)) + ((calls - failures) * Math.Log((1 - ratio) / (1 - guard)));
            largest = Math.Max(largest, logs[i]);
        }

        double sum = 0;
        foreach (var log in logs) sum += Math.Exp(log - largest);
        return largest + Math.Log(sum / logs.Length) >= -Math.Log(risk);
    }
}
