namespace Mlops.Validation;

/// <summary>Makes one constraint of two of the same kind.</summary>
internal static class ConstraintMerge
{
    /// <summary>Makes the constraint that is as strict as both; null where two are needed.</summary>
    /// <param name="there">The constraint that is there, of which everything else is kept.</param>
    /// <param name="added">The constraint that is added.</param>
    public static Constraint? Merge(Constraint there, Constraint added)
    {
        if (there.GetType() != added.GetType() || !there.Environments.SequenceEqual(added.Environments, StringComparer.Ordinal)) return null;
        if (Intersect(there, added) is not { } both) return null;
        if (there.Severity == added.Severity) return both;
        // Of an error and a warning the error stays, where the warning asks for nothing more.
        if (there.Severity > added.Severity) return Same(both, there) ? there : null;
        return Same(both with { Severity = added.Severity }, added) ? added : null;
    }

    /// <summary>Tells whether two constraints are the same, lists compared by what they hold and tests by their names.</summary>
    public static bool Same(Constraint a, Constraint b) => a.Severity == b.Severity && a.Environments.SequenceEqual(b.Environments, StringComparer.Ordinal) && (a, b) switch
    {
        (SetConstraint x, SetConstraint y) => x.MinimumRatio == y.MinimumRatio && x.Values.SequenceEqual(y.Values, StringComparer.Ordinal),
        (UniqueKeyConstraint x, UniqueKeyConstraint y) => x.MinimumRatio == y.MinimumRatio && x.Columns.SequenceEqual(y.Columns, StringComparer.Ordinal),
        (PredicateConstraint x, PredicateConstraint y) => x.Name == y.Name && x.MinimumRatio == y.MinimumRatio,
        (RowPredicateConstraint x, RowPredicateConstraint y) => x.Name == y.Name && x.MinimumRatio == y.MinimumRatio,
        _ => (a with { Environments = [] }).Equals(b with { Environments = [] }),
    };

    private static Constraint? Intersect(Constraint there, Constraint added)
    {
        // Of values of which only a share must be right, two constraints are not one.
        if (there is ValueConstraint x && added is ValueConstraint y && x.MinimumRatio != y.MinimumRatio) return IntersectShares(x, y);
        return (there, added) switch
        {
            (CompletenessConstraint a, CompletenessConstraint b) => a with { MinimumRatio = Math.Max(a.MinimumRatio, b.MinimumRatio), MinimumCount = Larger(a.MinimumCount, b.MinimumCount) },
            (RangeConstraint { MinimumRatio: 1 } a, RangeConstraint b) => Sound(a with { Minimum = Larger(a.Minimum, b.Minimum), Maximum = Smaller(a.Maximum, b.Maximum) }),
            (LengthConstraint { MinimumRatio: 1 } a, LengthConstraint b) => Sound(a with { Minimum = Larger(a.Minimum, b.Minimum), Maximum = Smaller(a.Maximum, b.Maximum) }),
            (SetConstraint { MinimumRatio: 1 } a, SetConstraint b) when a.Values.ToHashSet(StringComparer.Ordinal).IsSubsetOf(b.Values) => a,
            (SetConstraint { MinimumRatio: 1 } a, SetConstraint b) when b.Values.ToHashSet(StringComparer.Ordinal).IsSubsetOf(a.Values) => a with { Values = b.Values },
            (UniquenessConstraint a, UniquenessConstraint b) => Sound(a with { MinimumRatio = Math.Max(a.MinimumRatio, b.MinimumRatio), MaximumRatio = Smaller(a.MaximumRatio, b.MaximumRatio) }),
            (DistinctCountConstraint a, DistinctCountConstraint b) => Sound(a with { Minimum = Larger(a.Minimum, b.Minimum), Maximum = Smaller(a.Maximum, b.Maximum) }),
            (MonotoneConstraint { MinimumRatio: 1 } a, MonotoneConstraint b) => IsStricter(a.Order, b.Order) ? a : IsStricter(b.Order, a.Order) ? a with { Order = b.Order } : null,
            (AggregateConstraint a, AggregateConstraint b) when a.Aggregate == b.Aggregate => Sound(a with { Minimum = Larger(a.Minimum, b.Minimum), Maximum = Smaller(a.Maximum, b.Maximum) }),
            (QuantileConstraint a, QuantileConstraint b) when a.Quantile == b.Quantile => Sound(a with { Minimum = Larger(a.Minimum, b.Minimum), Maximum = Smaller(a.Maximum, b.Maximum) }),
            (RowCountConstraint a, RowCountConstraint b) => Sound(a with { Minimum = Larger(a.Minimum, b.Minimum), Maximum = Smaller(a.Maximum, b.Maximum) }),
            (ComparisonConstraint { MinimumRatio: 1 } a, ComparisonConstraint b) when a.Other == b.Other && IsStricter(a.Operator, b.Operator) => a,
            (ComparisonConstraint { MinimumRatio: 1 } a, ComparisonConstraint b) when a.Other == b.Other && IsStricter(b.Operator, a.Operator) => a with { Operator = b.Operator },
            _ => Same(there with { Severity = added.Severity }, added) ? there : null,
        };
    }

    /// <summary>The same demand on a larger share takes the place of that on a smaller one.</summary>
    private static ValueConstraint? IntersectShares(ValueConstraint there, ValueConstraint added)
    {
        var (strict, loose) = there.MinimumRatio > added.MinimumRatio ? (there, added) : (added, there);
        // What all values meet under tighter bounds, a share of them meets under these.
        if (!Same(strict with { Severity = 0 }, loose with { MinimumRatio = strict.MinimumRatio, Severity = 0 })
            && !(strict.MinimumRatio == 1 && Intersect(strict, loose with { MinimumRatio = 1 }) is { } both && Same(both, strict))) return null;
        return strict with { Severity = there.Severity };
    }

    private static TConstraint? Sound<TConstraint>(TConstraint constraint)
        where TConstraint : Constraint
        => constraint.FindProblem() is null ? constraint : null;

    private static bool IsStricter(MonotoneOrder a, MonotoneOrder b) => a == b
        || (a, b) is (MonotoneOrder.StrictlyIncreasing, MonotoneOrder.Increasing) or (MonotoneOrder.StrictlyDecreasing, MonotoneOrder.Decreasing);

    private static bool IsStricter(ComparisonOperator a, ComparisonOperator b) => a == b || (a, b) is
        (ComparisonOperator.Less, ComparisonOperator.LessOrEqual or ComparisonOperator.NotEqual)
        or (ComparisonOperator.Greater, ComparisonOperator.GreaterOrEqual or ComparisonOperator.NotEqual)
        or (ComparisonOperator.Equal, ComparisonOperator.LessOrEqual or ComparisonOperator.GreaterOrEqual);

    private static T? Larger<T>(T? a, T? b)
        where T : struct, IComparable<T>
        => a is null || (b is not null && b.Value.CompareTo(a.Value) > 0) ? b : a;

    private static T? Smaller<T>(T? a, T? b)
        where T : struct, IComparable<T>
        => a is null || (b is not null && b.Value.CompareTo(a.Value) < 0) ? b : a;
}
