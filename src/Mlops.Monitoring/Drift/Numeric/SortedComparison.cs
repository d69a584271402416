using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What the tests of numbers in order have in common: from samples or from profiles to values that can be tested.</summary>
internal static class SortedComparison
{
    public delegate DriftResult SampleTest(SortedSample reference, SortedSample current, DriftTestOptions options);

    /// <summary>Tests two samples.</summary>
    /// <param name="test">The test.</param>
    /// <param name="reference">The values to compare with.</param>
    /// <param name="current">The values that came in.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <param name="compare">Compares samples that have enough values.</param>
    /// <param name="minimumCount">The number of values that the test needs of each sample, whatever the options say.</param>
    /// <param name="isOfDistances">Whether the test looks at the distances of values, which infinite ones have none of.</param>
    public static DriftResult Test(
        IDriftTest test, SortedSample reference, SortedSample current, DriftTestOptions? options, SampleTest compare, int minimumCount = 1, bool isOfDistances = false)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options = (options ?? DriftTestOptions.Default).Validate();
        if (DriftDecision.FindShortage(test, reference.Count, current.Count, options, minimumCount) is { } shortage) return shortage;
        return isOfDistances && (reference.HasInfinity || current.HasInfinity)
            ? DriftDecision.NotComputable(test, reference.Count, current.Count, "A value is infinite, so that it has no distance to others; the Kolmogorov–Smirnov test needs none.")
            : compare(reference, current, options);
    }

    /// <summary>Tests two profiles: as samples where both still keep every value.</summary>
    /// <param name="test">The test.</param>
    /// <param name="reference">The profile to compare with.</param>
    /// <param name="current">The profile of what came in.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <param name="compare">Compares sketches that hold enough values.</param>
    public static DriftResult Test(
        ISortedDriftTest test, ColumnProfile reference, ColumnProfile current, DriftTestOptions? options, ProfileComparison.PartTest<KllSketch> compare)
        => ProfileComparison.Test(test, reference, current, options, static profile => profile.Quantiles, "no quantiles", (expected, actual, options) =>
            expected.IsExact && actual.IsExact
                ? test.Test(SortedSample.Of(expected), SortedSample.Of(actual), options)
                : DriftDecision.FindShortage(test, expected.Count, actual.Count, options) ?? compare(expected, actual, options));
}
