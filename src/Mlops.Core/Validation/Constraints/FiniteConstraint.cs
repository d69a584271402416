using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Numbers must be finite: neither NaN nor infinite.</summary>
public sealed record FiniteConstraint : ColumnConstraint
{
    internal override string Domain => "numbers";

    internal override bool CanJudge(ColumnSchema column) => column.Type is not (ElementType.String or ElementType.Boolean or ElementType.Date or ElementType.Timestamp);

    /// <summary>Describes the constraint.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => "finite numbers";
}
