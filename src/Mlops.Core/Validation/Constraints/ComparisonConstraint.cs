using Mlops.Data;

namespace Mlops.Validation;

/// <summary>In each row the value must compare so with that of another column. Rows that lack one of the two are not judged; texts are compared by their bytes.</summary>
/// <param name="Operator">How the value compares with the other.</param>
/// <param name="Other">The other column: of the same type, or a number where this one is.</param>
public sealed record ComparisonConstraint(ComparisonOperator Operator, string Other) : ValueConstraint
{
    internal override string Domain => "columns of one element a row";

    internal override object Subject => (Operator, Other);

    internal override bool CanJudge(ColumnSchema column) => column.Width == 1;

    internal override string? FindProblem() => string.IsNullOrEmpty(Other) ? "it does not name the other column" : base.FindProblem();

    /// <summary>Tells whether the two columns can be compared.</summary>
    internal static bool CanCompare(ColumnSchema column, ColumnSchema other)
        => column.Width == 1 && other.Width == 1 && (column.Type == other.Type || (IsNumber(column) && IsNumber(other)) || (IsTime(column) && IsTime(other)));

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{ConstraintText.Of(Operator)} {Other}{ShowRatio(MinimumRatio, "rows")}";
}
