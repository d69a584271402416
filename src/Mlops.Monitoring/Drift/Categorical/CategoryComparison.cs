using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What the tests of categories have in common: from counts or from profiles to a table that can be tested.</summary>
internal static class CategoryComparison
{
    public delegate DriftResult TableTest(CategoryTable table, DriftTestOptions options);

    public static DriftResult Test(IDriftTest test, ReadOnlySpan<long> reference, ReadOnlySpan<long> current, DriftTestOptions? options, TableTest compare)
        => Test(test, CategoryTable.From(reference, current), (options ?? DriftTestOptions.Default).Validate(), compare);

    public static DriftResult Test(IDriftTest test, ColumnProfile reference, ColumnProfile current, DriftTestOptions? options, TableTest compare)
        => ProfileComparison.Test(test, reference, current, options, static profile => profile.Values, "no value counts", (expected, actual, options) =>
            DriftDecision.FindShortage(test, expected.Count, actual.Count, options) ?? Test(test, CategoryTable.From(expected, actual), options, compare));

    private static DriftResult Test(IDriftTest test, CategoryTable table, DriftTestOptions options, TableTest compare)
    {
        if (DriftDecision.FindShortage(test, table.ReferenceCount, table.CurrentCount, options) is { } shortage) return shortage;
        return table.CategoryCount == 1
            ? DriftDecision.Decide(test, new DriftMeasurement("difference", 0, 1, 0, 0, ShareIntervals.GetLargestDifference(table, options.ConfidenceLevel)), table.ReferenceCount, table.CurrentCount, options)
                with { Reason = "Both samples have one and the same category." }
            : compare(table, options);
    }
}
