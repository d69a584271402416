using Mlops.Data;

namespace Mlops.Validation;

/// <summary>What is suggested of values in relation to each other: that they differ, how many differ, and that they are in order.</summary>
internal static class IdentityRules
{
    private const double SmallestUniqueness = 0.9;
    private const double MostSingletons = 0.1;
    private const int FewestChanges = 10;

    public static IEnumerable<ConstraintSuggestion> Suggest(ColumnEvidence column, ConstraintSuggestionOptions options)
    {
        if (column.Present < options.MinimumRows) yield break;
        var name = column.Column.Name;
        if (IsUnique(column))
        {
            if (IsUniqueByDesign(column)) yield return new(name, new UniquenessConstraint(), "no value is there twice, although values by chance would be, or hardly could be") { SupportCount = column.Present };
        }
        else if (column.Occurrences is { } occurrences && occurrences.OnceCount >= SmallestUniqueness * occurrences.Present)
        {
            // Twice as many rows repeat twice the share of values.
            var repeated = column.Present - Math.Min(column.Present, 2.0 * (occurrences.Present - occurrences.OnceCount));
            var share = SuggestionStatistics.GetLowerShare(repeated, column.Present);
            if (share > 0.5) yield return new(name, new UniquenessConstraint(share), "most values are there only once") { SupportCount = column.Present };
        }

        if (SuggestDistinct(column, options) is { } distinct) yield return distinct;
        if (column.Order is { Order: { } order } && IsOrdered(column, options))
            yield return new(name, new MonotoneConstraint(order), "every value follows the one before it in this order, whichever half that is in") { SupportCount = column.Order.Compared };
    }

    /// <summary>Tells whether whole numbers are names rather than amounts.</summary>
    public static bool IsIdentifier(ColumnEvidence column) => !column.Column.Type.IsFloatingPoint() && IsUnique(column) && IsUniqueByDesign(column);

    /// <summary>Tells whether values are in order, and change so often that they are not so by chance.</summary>
    public static bool IsOrdered(ColumnEvidence column, ConstraintSuggestionOptions options)
        => column.Order is { Order: not null } order && order.Changes >= FewestChanges && order.Compared >= options.MinimumRows;

    private static bool IsUnique(ColumnEvidence column) => column.Occurrences is { } occurrences && occurrences.OnceCount == occurrences.Present;

    /// <summary>
    /// Of n values on so many places, n (n − 1) / 2 pairs are equal by chance in one place each. Where several would be and none is, the values differ by design;
    /// where hardly one would be, they differ in the other half, too. In between nobody knows.
    /// </summary>
    private static bool IsUniqueByDesign(ColumnEvidence column)
    {
        if (column.Column.Type == ElementType.String || column.Column.Type.IsFloatingPoint() || column.Column.Role == ColumnRole.Key) return true;
        var chance = (double)column.Present * (column.Present - 1) / (2 * column.Places);
        return chance is >= 3 or <= 0.01;
    }

    private static ConstraintSuggestion? SuggestDistinct(ColumnEvidence column, ConstraintSuggestionOptions options)
    {
        if (column.Values is not { IsExact: true, DistinctCount: > 1 } values || column.Column.Type == ElementType.Boolean || column.Present < 4L * options.MinimumRows) return null;
        var frequencies = ValueFrequencies.Of(values);
        if (frequencies.Once > MostSingletons * frequencies.Distinct) return null;
        var (minimum, maximum) = frequencies.GetDistinctBounds();
        // Where all values are known, there cannot be more.
        var constraint = new DistinctCountConstraint(minimum > 1 ? minimum : null, ValueRules.HasFullSet(values, column.Column.Type, options) ? null : maximum);
        if (constraint is { Minimum: null, Maximum: null }) return null;
        return new(column.Column.Name, constraint with { Severity = ValidationSeverity.Warning }, "there are few different values, and few of them only once")
        {
            SupportCount = column.Present,
        };
    }
}
