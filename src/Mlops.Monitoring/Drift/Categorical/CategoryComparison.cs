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
            FindUncounted(test, reference.Name, expected, actual, options, out var table) ?? Test(test, table, options, compare));

    /// <summary>Gets the table of two profiles' counts, or refuses profiles with too few values or that count none of them on both sides.</summary>
    public static DriftResult? FindUncounted(IDriftTest test, string column, ValueCounts expected, ValueCounts actual, DriftTestOptions options, out CategoryTable table)
    {
        table = CategoryTable.From(expected, actual);
        if (DriftDecision.FindShortage(test, expected.Count, actual.Count, options) is { } shortage) return shortage;
        return table.CategoryCount > 1 || (expected.IsExact && actual.IsExact) ? null : DriftDecision.NotComputable(
            test, expected.Count, actual.Count, $"'{column}' has so many different values that the profiles of both sides have counted none of them in full and often enough; give the datasets instead, or leave the column out.");
    }

    private static DriftResult Test(IDriftTest test, CategoryTable table, DriftTestOptions options, TableTest compare)
    {
        if (DriftDecision.FindShortage(test, table.ReferenceCount, table.CurrentCount, options) is { } shortage) return shortage;
        return table.CategoryCount == 1
            ? DriftDecision.Decide(test, new DriftMeasurement("difference", 0, 1, 0, 0, ShareIntervals.GetLargestDifference(table, options.ConfidenceLevel)), table.ReferenceCount, table.CurrentCount, options)
                with { Reason = "Both samples have one and the same category." }
            : compare(table, options);
    }
}
