using System.Text.Json.Serialization;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Something that must hold for one column.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CompletenessConstraint), "completeness")]
[JsonDerivedType(typeof(RangeConstraint), "range")]
[JsonDerivedType(typeof(TimeRangeConstraint), "time_range")]
[JsonDerivedType(typeof(FiniteConstraint), "finite")]
[JsonDerivedType(typeof(SetConstraint), "set")]
[JsonDerivedType(typeof(PatternConstraint), "pattern")]
[JsonDerivedType(typeof(LengthConstraint), "length")]
[JsonDerivedType(typeof(UniquenessConstraint), "uniqueness")]
[JsonDerivedType(typeof(DistinctCountConstraint), "distinct_count")]
[JsonDerivedType(typeof(MonotoneConstraint), "monotone")]
[JsonDerivedType(typeof(ComparisonConstraint), "comparison")]
[JsonDerivedType(typeof(AggregateConstraint), "aggregate")]
[JsonDerivedType(typeof(QuantileConstraint), "quantile")]
[JsonDerivedType(typeof(ForeignKeyConstraint), "foreign_key")]
[JsonDerivedType(typeof(DistributionConstraint), "distribution")]
[JsonDerivedType(typeof(PredicateConstraint), "predicate")]
public abstract record ColumnConstraint : Constraint
{
    private protected ColumnConstraint()
    {
    }

    /// <summary>Gets what kind of column the constraint is for, in words: <c>numbers</c>.</summary>
    internal abstract string Domain { get; }

    /// <summary>Tells whether the constraint can judge a column.</summary>
    internal abstract bool CanJudge(ColumnSchema column);

    private protected static bool IsNumber(ColumnSchema column)
        => column is { Width: 1, Type: not (ElementType.String or ElementType.Boolean or ElementType.Date or ElementType.Timestamp) };

    private protected static bool IsTime(ColumnSchema column) => column is { Width: 1, Type: ElementType.Date or ElementType.Timestamp };
}
