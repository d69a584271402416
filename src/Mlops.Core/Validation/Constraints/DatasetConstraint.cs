using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>Something that must hold for the rows of a dataset as a whole.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RowCountConstraint), "row_count")]
[JsonDerivedType(typeof(RowCountChangeConstraint), "row_count_change")]
[JsonDerivedType(typeof(UniqueKeyConstraint), "unique_key")]
[JsonDerivedType(typeof(RowPredicateConstraint), "row_predicate")]
public abstract record DatasetConstraint : Constraint
{
    private protected DatasetConstraint()
    {
    }
}
