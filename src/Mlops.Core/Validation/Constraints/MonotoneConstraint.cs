using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Values must follow each other in an order. Missing values are passed over; texts are compared by their bytes.</summary>
/// <param name="Order">The order.</param>
public sealed record MonotoneConstraint(MonotoneOrder Order) : ValueConstraint
{
    internal override string Domain => "columns of one element a row";

    internal override bool CanJudge(ColumnSchema column) => column is { Width: 1, Type: not ElementType.Boolean };

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{ConstraintText.Of(Order)}{ShowRatio(MinimumRatio, "values")}";
}
