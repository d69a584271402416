using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>What is suggested of single values: that they are there, finite, of a set, of a form.</summary>
internal static class ValueRules
{
    private const double SmallestCompleteness = 0.2;
    private const double SmallestSetShare = 0.9;
    private const double MostSingletons = 0.4;

    public static IEnumerable<ConstraintSuggestion> Suggest(ColumnEvidence column, ConstraintSuggestionOptions options)
    {
        var name = column.Column.Name;
        if (column.Rows < options.MinimumRows) yield break;
        if (column.Present == column.Rows)
            yield return new(name, new CompletenessConstraint(), "every row has a value") { SupportCount = column.Rows };
        else if ((double)column.Present / column.Rows > SmallestCompleteness && SuggestionStatistics.GetLowerShare(column.Present, column.Rows) is > 0 and var share)
            yield return new(name, new CompletenessConstraint(share), "some values are missing; the share that is there, less what chance can make of it") { SupportCount = column.Rows };
        if (column.Present < options.MinimumRows) yield break;
        if (column.Column.Type.IsFloatingPoint() && column.NotFinite == 0)
            yield return new(name, new FiniteConstraint(), "no value is NaN or infinite") { SupportCount = column.Present };
        var set = SuggestSet(column, options);
        if (set is not null) yield return set;
        if (column.Column.Type == ElementType.String && set is not { Constraint: SetConstraint { MinimumRatio: 1 } })
        {
            yield return SuggestLength(column, options);
            if (column.Forms!.Find() is { } form)
                yield return new(name, new PatternConstraint(form.Pattern), $"every text is {form.Name}".Replace("is the same", "has the same", StringComparison.Ordinal)) { SupportCount = column.Present };
        }
    }

    /// <summary>A set is suggested where the other half hardly has a value that is not in it; a share of it where few values are there once only.</summary>
    private static ConstraintSuggestion? SuggestSet(ColumnEvidence column, ConstraintSuggestionOptions options)
    {
        if (column.Values is not { IsExact: true, DistinctCount: > 0 } values) return null;
        if (values.DistinctCount > GetSetSize(column.Column.Type, options)) return null;
        // Both truth values are all that there are.
        if (column.Column.Type == ElementType.Boolean && values.DistinctCount == 2) return null;
        var set = new SetConstraint([.. values.GetOrdered().Select(pair => pair.Key).Order(StringComparer.Ordinal)]);
        var frequencies = ValueFrequencies.Of(values);
        if (frequencies.IsClosed)
            return new(column.Column.Name, set, "there are few different values, and each of them often") { SupportCount = column.Present };
        if (column.Column.Type != ElementType.String || frequencies.Once > MostSingletons * frequencies.Distinct) return null;
        var share = SuggestionStatistics.GetLowerShare(column.Present - frequencies.UnseenRows, column.Present);
        return share < SmallestSetShare ? null
            : new(column.Column.Name, set with { MinimumRatio = share }, "there are few different values, but rare ones may be missing among them") { SupportCount = column.Present };
    }

    /// <summary>Tells whether a set without a minimum share is suggested.</summary>
    public static bool HasFullSet(ValueCounts values, ElementType type, ConstraintSuggestionOptions options)
        => values.DistinctCount <= GetSetSize(type, options) && ValueFrequencies.Of(values).IsClosed;

    /// <summary>Whole numbers that are names are few; others are amounts.</summary>
    private static int GetSetSize(ElementType type, ConstraintSuggestionOptions options) => type is ElementType.String or ElementType.Boolean ? options.MaxSetSize : options.MaxSetSize / 10;

    private static ConstraintSuggestion SuggestLength(ColumnEvidence column, ConstraintSuggestionOptions options)
    {
        var lengths = column.Lengths!;
        if (lengths.Minimum == lengths.Maximum)
            return new(column.Column.Name, new LengthConstraint((int)lengths.Minimum, (int)lengths.Maximum), "all texts have the same length") { SupportCount = column.Present };
        var (minimum, maximum) = NumberRules.GetLimits(column.Low!, column.High!, options.RangeMarginRatio);
        // Where no text is empty, none should be.
        var shortest = Math.Max(lengths.Minimum > 0 ? 1 : 0, Math.Floor(minimum));
        return new(column.Column.Name, new LengthConstraint((int)shortest, (int)Math.Min(int.MaxValue, Math.Ceiling(maximum))), "the shortest and the longest text, with a margin") { SupportCount = column.Present };
    }
}
