using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>How many values occur once, twice, and so on, and what that tells about values that another half of the rows may have.</summary>
internal readonly record struct ValueFrequencies(long Distinct, long Once, long Twice, double ExpectedLost)
{
    /// <summary>Counts exact counts.</summary>
    public static ValueFrequencies Of(ValueCounts values)
    {
        var (once, twice, lost) = (0L, 0L, 0.0);
        foreach (var (_, count) in values.GetOrdered())
        {
            if (count == 1) once++;
            if (count == 2) twice++;
            // A value that is there k times is in one half only with odds of 2^-k; there are as many of them in either half.
            lost += Math.Pow(2, -count);
        }

        return new ValueFrequencies(values.DistinctCount, once, twice, lost);
    }

    /// <summary>Gets whether the other half hardly has a value that is not among these.</summary>
    public bool IsClosed => ExpectedLost <= 0.05;

    /// <summary>Gets the number of rows of the other half that may have values not among these: the singletons (I. J. Good, 1953), those of pairs added since they come together.</summary>
    public long UnseenRows => Once + (2 * Twice);

    /// <summary>Gets the bounds of the number of different values of the other half, and of both together.</summary>
    public (long Minimum, long Maximum) GetDistinctBounds()
        => ((long)Math.Floor(Distinct - ExpectedLost - (4 * Math.Sqrt(ExpectedLost + 1))), Distinct + Once + (long)Math.Ceiling(4 * Math.Sqrt(Once + Twice + 1)));
}
