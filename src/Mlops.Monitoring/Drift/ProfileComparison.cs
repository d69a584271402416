using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What the tests of profiles have in common: from two columns' profiles to the part of them that can be tested.</summary>
internal static class ProfileComparison
{
    public delegate DriftResult PartTest<in T>(T reference, T current, DriftTestOptions options);

    /// <summary>Tests a part of two profiles.</summary>
    /// <param name="test">The test.</param>
    /// <param name="reference">The profile to compare with.</param>
    /// <param name="current">The profile of what came in.</param>
    /// <param name="options">What to call drift; the defaults when <see langword="null"/>.</param>
    /// <param name="getPart">Gets the part; <see langword="null"/> where a profile of that type has none.</param>
    /// <param name="lack">What is said to be lacking then: <c>no quantiles</c>.</param>
    /// <param name="compare">Compares the parts.</param>
    public static DriftResult Test<T>(
        IDriftTest test, ColumnProfile reference, ColumnProfile current, DriftTestOptions? options, Func<ColumnProfile, T?> getPart, string lack, PartTest<T> compare)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options = (options ?? DriftTestOptions.Default).Validate();
        return getPart(reference) is { } expected && getPart(current) is { } actual
            ? compare(expected, actual, options)
            : DriftDecision.NotComputable(test, reference.RowCount - reference.MissingCount, current.RowCount - current.MissingCount, $"'{reference.Name}' has {lack} on both sides.");
    }
}
